"""PostgreSQL: two pools (the application's role and the system's), and the shared write of the hot path."""

import asyncio
import select
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sized
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import certifi
import psycopg
import sqlalchemy.exc
from psycopg.pq import PipelineStatus
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import QueuePool

from shared.kernel.errors import Conflict, Invalid, Unavailable
from shared.platform.breaker import Breaker
from shared.platform.entra import POSTGRES_SCOPE, Identity
from shared.platform.group_commit import GroupCommit
from shared.platform.settings import Settings
from shared.platform.telemetry import Attributes, Kind, current, meeting, span

type RawConnection = psycopg.AsyncConnection[tuple[Any, ...]]
type SharedWrite[Request, Result] = Callable[[RawConnection, UUID, list[Request]], Awaitable[list[Result]]]


@dataclass(frozen=True, slots=True)
class _Asked[Request: Sized]:
    """What a caller wants written, and the span in which it waits."""

    request: Request
    trace: str

    def __len__(self) -> int:
        return len(self.request)


class TryAgain(Exception):
    """A shared write saw the world change between its statements; from the start, it will see it whole."""


_CONNECT_SECONDS: Final = 5  # a busy machine may need that; what must not wait, such as ingest, has its own deadline
_BREAKER_SECONDS: Final = 2.0
# The statements of a shared write are long, so that to plan them takes as long as to run them. A kept plan is good for
# tables of the size that they had, so it is made anew soon in the beginning, and again and again; after ANALYZE anyway.
_PLANNED_FOR: Final = 64  # transactions of a connection
_TENANT: Final = "select set_config('app.tenant_id', %s, true)"
_SHARED: Final = f"{_TENANT}, set_config('lock_timeout', %s, true)"
_SHARED_AND_PLANS: Final = f"{_SHARED}, set_config('plan_cache_mode', 'force_generic_plan', true)"
# Of what is left of the deadline: the server says that somebody holds a lock before it would seem to hang, and after it
# has looked for a deadlock, which takes it a second.
_LOCK_SHARE: Final = 0.8
_TRIES: Final = 3
# A peer that vanished without a word is noticed in seconds; the defaults hold its connections for a quarter of an hour.
_QUIET_PEER: Final = {
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
_ROLLED_BACK: Final = "40"  # SQLSTATE class: deadlock, serialization failure
_LOST: Final = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,  # of a server that is no primary any more, or that has no room left
    TryAgain,
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.TimeoutError,
    TimeoutError,
    ConnectionError,
)
# The database answers, but has something else to finish first: that keeps from it who wanted this, and nobody else.
_BUSY: Final = (TryAgain, psycopg.errors.LockNotAvailable)
# Too large for an index, or nested too deep: the driver files these under outages, and waiting would not heal them.
_UNSTORABLE: Final = (psycopg.DataError, psycopg.errors.ProgramLimitExceeded, psycopg.errors.StatementTooComplex)


class DatabaseAway(Unavailable):
    title = "The database is unavailable. Try again later."


class Unstorable(Invalid):
    """The database cannot hold a value; which one, the driver's own error says."""

    title = "A value cannot be stored."


class AlreadyTaken(Conflict):
    """A unique constraint said no; the driver's own error says which."""

    title = "This name is already in use."


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into the domain's."""
    try:
        yield
    except _UNSTORABLE as error:
        raise Unstorable from error
    except sqlalchemy.exc.DBAPIError as error:
        if isinstance(error.orig, _UNSTORABLE):
            raise Unstorable from error
        if isinstance(error.orig, psycopg.errors.UniqueViolation):
            raise AlreadyTaken from error
        if isinstance(error, _LOST) or isinstance(error.orig, _LOST):
            raise DatabaseAway from error
        raise
    except _LOST as error:
        raise DatabaseAway from error


async def begin_as(session: AsyncSession, tenant_id: UUID) -> None:
    """Begin a session's transaction as a tenant's, with one round trip for both."""
    async with _pipeline(await session.connection()) as raw:
        await raw.execute(_TENANT, (str(tenant_id),))


async def driver_connection(session: AsyncSession) -> RawConnection:
    """Return the driver's own connection under a session, for statements in the session's transaction."""
    return await _under(await session.connection())


async def _under(connection: AsyncConnection) -> RawConnection:
    raw: RawConnection = (await connection.get_raw_connection()).driver_connection  # type: ignore[assignment]  # typed as Any | None
    return raw


@asynccontextmanager
async def _pipeline(connection: AsyncConnection) -> AsyncIterator[RawConnection]:
    """Send statements of the driver's own connection without waiting for each.

    Whoever is cancelled meanwhile may leave answers that the next user of the connection would take for theirs. So the
    pool gets it back as one to replace.
    """
    raw = await _under(connection)
    try:
        async with raw.pipeline():
            yield raw
    finally:
        if isinstance(sys.exception(), asyncio.CancelledError) or raw.pgconn.pipeline_status != PipelineStatus.OFF:
            await connection.invalidate()


class Database:
    """The pools of one process. Nothing connects before the first use.

    `app` is subject to the tenant's row policies. `system` is the role of relay, timers and sign-in, with narrow
    policies of its own. Neither owns a table. `system_reads` are the same connections for what one statement reads: it
    needs no transaction around it, which would cost two round trips.
    """

    def __init__(self, settings: Settings) -> None:
        self._identity = Identity(settings.azure_client_id)
        self._system_identity = Identity(settings.system_client_id or settings.azure_client_id)
        self.app = _engine(settings, self._identity, system=False)
        self.system = _engine(settings, self._system_identity, system=True)
        self.system_reads = self.system.execution_options(isolation_level="AUTOCOMMIT")
        self._deadline = settings.ingest_deadline
        self._prepares = settings.postgres_prepares
        self._breaker = Breaker(_BREAKER_SECONDS)
        self._together: dict[Any, GroupCommit[UUID, _Asked[Any], Any]] = {}
        self._late: set[asyncio.Task[Any]] = set()

    @property
    def is_resting(self) -> bool:
        """Whether shared writes do not try for a while, because one has just failed."""
        return self._breaker.is_open

    def connections(self) -> Mapping[tuple[str, ...], int]:
        """How many connections each pool has, in use and idle."""
        pools = {"app": self.app.pool, "system": self.system.pool}
        found: dict[tuple[str, ...], int] = {}
        for name, pool in pools.items():
            if isinstance(pool, QueuePool):
                found |= {(name, "in_use"): pool.checkedout(), (name, "idle"): pool.checkedin()}
        return found

    @asynccontextmanager
    async def session(self, engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
        """Open a session in a transaction: commits on a clean exit, rolls back on any exception."""
        with translated():
            async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
                yield session

    async def together[Request: Sized, Result](
        self, write: SharedWrite[Request, Result], tenant_id: UUID, request: Request
    ) -> Result:
        """Run `write` for `request` in a transaction shared with whoever else waits for the same write and tenant.

        Raises `DatabaseAway` when the database does not answer within the ingest deadline, when the write has not begun
        by then, and at once for a while after an outage. A lock that somebody else holds is waited for nearly as long,
        but is no outage. A write that was given up may still commit, so it has to be idempotent.
        """
        if self._breaker.is_open:
            raise DatabaseAway
        if write not in self._together:

            async def shared(tenant: UUID, asked: list[_Asked[Request]]) -> list[Result]:
                if self._breaker.is_open:
                    raise DatabaseAway
                parent, links = meeting(one.trace for one in asked)
                told: Attributes = {"db.system.name": "postgresql", "srecopilot.callers": len(asked)}
                with span(write.__name__, Kind.CLIENT, parent=parent, links=links, attributes=told):
                    requests = [one.request for one in asked]
                    return await self._within_deadline(self._transact(write, tenant, requests))

            self._together[write] = GroupCommit(shared, outage=DatabaseAway, patience=self._deadline)
        found: Result = await self._together[write](tenant_id, _Asked(request, current().span.traceparent))
        return found

    async def close(self) -> None:
        for group in self._together.values():
            await group.close()
        await asyncio.gather(*self._late, return_exceptions=True)
        await self.app.dispose()
        await self.system.dispose()
        await self._identity.close()
        await self._system_identity.close()

    async def _within_deadline[Result](self, work: Awaitable[Result]) -> Result:
        """Wait no longer than the deadline, even for a server that hangs and cannot be cancelled either."""
        task = asyncio.ensure_future(work)
        done, _ = await asyncio.wait({task}, timeout=self._deadline)
        if not done:
            task.cancel()
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            self._breaker.failed()
            raise DatabaseAway
        try:
            return task.result()
        except DatabaseAway as error:
            if not isinstance(error.__cause__, _BUSY):
                self._breaker.failed()
            raise

    async def _transact[Request, Result](
        self, write: SharedWrite[Request, Result], tenant_id: UUID, requests: list[Request]
    ) -> list[Result]:
        ends = asyncio.get_running_loop().time() + self._deadline
        with translated():
            for _ in range(_TRIES - 1):
                try:
                    return await self._transact_once(write, tenant_id, requests, ends)
                except TryAgain:
                    continue
                except psycopg.OperationalError as error:
                    # PostgreSQL may choose this transaction to end a deadlock; nothing is away then.
                    if not (error.sqlstate or "").startswith(_ROLLED_BACK):
                        raise
            return await self._transact_once(write, tenant_id, requests, ends)

    async def _transact_once[Request, Result](
        self, write: SharedWrite[Request, Result], tenant_id: UUID, requests: list[Request], ends: float
    ) -> list[Result]:
        async with self.app.connect() as connection:
            raw = await _under(connection)
            uses = connection.info["uses"] = connection.info.get("uses", 0) + 1
            # For this write alone: whoever has the connection next plans for the sizes of their day.
            raw.prepare_threshold = 0 if self._prepares else None
            try:
                async with _pipeline(connection), raw.transaction():
                    if self._prepares and outlives_plans(uses):
                        await raw.execute("discard plans", prepare=False)
                    begin = _SHARED_AND_PLANS if self._prepares else _SHARED
                    await raw.execute(begin, (str(tenant_id), _lock_timeout(ends)))
                    return await write(raw, tenant_id, requests)
            finally:
                raw.prepare_threshold = None


def _lock_timeout(ends: float) -> str:
    """How long a lock is waited for in a transaction that has to be over at `ends` of the loop's clock."""
    left_s = ends - asyncio.get_running_loop().time()
    return f"{max(left_s * _LOCK_SHARE * 1_000, 1):.0f}ms"


def outlives_plans(uses: int) -> bool:
    """Whether plans are made anew for this one of a connection's shared writes, which are counted from 1."""
    return uses % _PLANNED_FOR == 0 or uses.bit_count() == 1


def trusted_authorities() -> str:
    """Return the file of those whose certificates are trusted: this machine's, or else the public ones of certifi.

    libpq's own word `system` means a folder that is only there where the driver's binary package was built.
    """
    return ssl.get_default_verify_paths().cafile or certifi.where()


def _engine(settings: Settings, identity: Identity, *, system: bool) -> AsyncEngine:
    """Small pools: connections are counted per instance times instances (docs/architecture.md)."""
    options: dict[str, Any] = {
        "pool_size": 2 if system else 5,
        "max_overflow": 0,
        "pool_timeout": _CONNECT_SECONDS,
        "pool_recycle": 1_800,
        "hide_parameters": True,  # errors, which are logged, would quote what people wrote
    }
    # Without prepared statements, but for shared writes: a table may grow under the plan of whatever else is asked.
    driver: dict[str, Any] = {"prepare_threshold": None, "connect_timeout": _CONNECT_SECONDS, **_QUIET_PEER}
    given = (settings.system_database_url if system else settings.database_url).get_secret_value()
    if given:
        url = make_url(given).set(drivername="postgresql+psycopg")
        return _replacing_ended(create_async_engine(url, connect_args=driver, **options))
    user = settings.postgres_system_user if system else settings.postgres_user

    async def connect() -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(
            host=settings.postgres_host,
            port=settings.postgres_port,
            dbname=settings.postgres_database,
            user=user,
            password=await identity.token(POSTGRES_SCOPE),
            sslmode="verify-full",
            sslrootcert=trusted_authorities(),
            **driver,
        )

    engine = create_async_engine(URL.create("postgresql+psycopg"), async_creator=connect, **options)
    return _replacing_ended(engine)


def _replacing_ended(engine: AsyncEngine) -> AsyncEngine:
    """Have the pool replace connections that the server has ended, without a round trip to ask.

    Nobody has asked an idle connection anything, so what there is to read of it is the server's goodbye.
    """

    def check(adapted: Any, _record: object, _proxy: object) -> None:
        raw: RawConnection = adapted.driver_connection
        if raw.closed or _is_readable(raw.fileno()):
            raise sqlalchemy.exc.DisconnectionError

    event.listen(engine.sync_engine, "checkout", check)
    return engine


def _is_readable(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
