"""What code is given to work with: a `Runtime` for each process, a `Tx` for each transaction."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import Select, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.events import Event
from shared.kernel.values import Actor, Clock, Ids, TenantId
from shared.platform.alarms import Alarms
from shared.platform.blob_store import BlobStore
from shared.platform.cache import Cache
from shared.platform.call_audit import CallAudit
from shared.platform.clock import SystemClock
from shared.platform.connections import Connections
from shared.platform.counting import Metrics
from shared.platform.database import Database, begin_as
from shared.platform.faults import fault
from shared.platform.ids import TimeOrderedIds
from shared.platform.language_model import LanguageModel
from shared.platform.locks import Locks
from shared.platform.mail import Mailer
from shared.platform.metrics import AUDIT_WAITING, BREAKERS_OPEN, POOL_CONNECTIONS, State
from shared.platform.outbound import Outbound
from shared.platform.passwords import Passwords
from shared.platform.queues import Queues
from shared.platform.ratelimit import Limits
from shared.platform.realtime import Realtime
from shared.platform.recent import Recent
from shared.platform.relay import Relay, Routes
from shared.platform.response_cache import ResponseCache
from shared.platform.sealing import Sealing
from shared.platform.settings import Settings
from shared.platform.table_store import TableStore
from shared.platform.tables import EventRow, TenantTable
from shared.platform.telemetry import Kind, current, span
from shared.platform.tokens import Tokens
from shared.platform.vault import Vault

# Seconds for Redis where nothing may go on without its answer; where it only helps, it gets a tenth of a second.
PATIENCE: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tx:
    """One transaction of one tenant. It has no network client, so nothing waits for a network inside it."""

    actor: Actor
    tenant_id: TenantId
    session: AsyncSession
    clock: Clock
    ids: Ids
    now: datetime
    trace: str = ""
    recorded: list[Event] = field(default_factory=list)

    def record(self, event: Event) -> None:
        """Record a fact; it is committed with the change that makes it true."""
        self.recorded.append(event)

    def select[Row: TenantTable](self, table: type[Row]) -> Select[Row]:
        """Begin a query over this tenant's rows, which the database's own policies hold to as well."""
        return select(table).where(table.tenant_id == self.tenant_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemTx:
    """One transaction of the system role: across tenants, and only where its policies let it."""

    session: AsyncSession
    ids: Ids
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """The parts of one process, built once and without touching the network."""

    settings: Settings
    database: Database
    cache: Cache
    patient_cache: Cache
    queues: Queues
    tables: TableStore
    blobs: BlobStore
    realtime: Realtime
    tokens: Tokens
    passwords: Passwords
    sealing: Sealing
    vault: Vault
    outbound: Outbound
    mail: Mailer
    limits: Limits
    locks: Locks
    model: LanguageModel
    responses: ResponseCache
    relay: Relay
    audit: CallAudit
    alarms: Alarms
    metrics: Metrics
    recent: Recent
    connections: Connections
    clock: Clock
    ids: Ids

    @classmethod
    def start(cls, settings: Settings, routes: Routes, *, clock: Clock | None = None, ids: Ids | None = None) -> Self:
        """Build the parts. Nothing connects before it is used."""
        database, queues, realtime = Database(settings), Queues(settings.storage_access), Realtime(settings)
        cache, tables = Cache(settings), TableStore(settings.storage_access)
        clock, ids = clock or SystemClock(), ids or TimeOrderedIds()
        patient = Cache(settings, timeout=PATIENCE)
        responses = ResponseCache(cache, settings.response_cache_seconds)
        model, audit = LanguageModel(settings), CallAudit(tables, queues, clock, ids)

        def state() -> State:
            resting = {"database": database.is_resting, "redis": cache.is_resting, "model": model.is_resting}
            return {
                POOL_CONNECTIONS: database.connections(),
                BREAKERS_OPEN: {(name,): float(is_resting) for name, is_resting in resting.items()},
                AUDIT_WAITING: {(): audit.waiting},
            }

        return cls(
            settings=settings,
            database=database,
            cache=cache,
            patient_cache=patient,
            queues=queues,
            tables=tables,
            blobs=BlobStore(settings.storage_access),
            realtime=realtime,
            tokens=Tokens(settings),
            passwords=Passwords(settings),
            sealing=Sealing(settings, patient),
            vault=Vault(settings),
            outbound=Outbound(settings),
            mail=Mailer(settings, clock, ids),
            limits=Limits(cache, patient),
            locks=Locks(patient),
            model=model,
            responses=responses,
            relay=Relay(database, queues, realtime, responses, routes),
            audit=audit,
            alarms=Alarms(clock),
            metrics=Metrics(patient, str(ids.new()), state),
            recent=Recent(),
            connections=Connections(patient, realtime),
            clock=clock,
            ids=ids,
        )

    @asynccontextmanager
    async def transaction(self, actor: Actor, *, trace: str = "", privileged: bool = False) -> AsyncIterator[Tx]:
        """Open a transaction of the actor's tenant. Raises `DatabaseAway`; any exception rolls back.

        What it records belongs to the trace of `trace`, a `traceparent`, or else of what is being worked on.
        `privileged` uses the system role, for what the application's role may not write: a new tenant, a new user.
        """
        if actor.tenant_id is None:
            raise RuntimeError("a transaction needs an actor with a tenant")
        engine = self.database.system if privileged else self.database.app
        with span("transaction", Kind.CLIENT, attributes={"db.system.name": "postgresql"}):
            async with self.database.session(engine) as session:
                await begin_as(session, actor.tenant_id)
                tx = Tx(
                    actor=actor,
                    tenant_id=actor.tenant_id,
                    session=session,
                    clock=self.clock,
                    ids=self.ids,
                    now=self.clock.now(),
                    trace=trace or current().span.traceparent,
                )
                yield tx
                await session.flush()
                if tx.recorded:
                    await session.execute(insert(EventRow), [_row(tx, event) for event in tx.recorded])
        fault("transaction.after_commit")
        if tx.recorded:
            await self.responses.outdate({event.project_id for event in tx.recorded})
            self.relay.nudge()

    @asynccontextmanager
    async def system_transaction(self) -> AsyncIterator[SystemTx]:
        """Open a transaction of the system role."""
        async with self.database.session(self.database.system) as session:
            yield SystemTx(session=session, ids=self.ids, now=self.clock.now())

    @asynccontextmanager
    async def system_read(self) -> AsyncIterator[SystemTx]:
        """Let the system role read with statements of which each sees what is committed then."""
        async with self.database.session(self.database.system_reads) as session:
            yield SystemTx(session=session, ids=self.ids, now=self.clock.now())

    async def close(self) -> None:
        """Finish what was begun and let go of every connection."""
        await self.alarms.close()
        await self.recent.close()
        await self.audit.close()
        await self.relay.close()
        await self.metrics.close()
        await self.database.close()
        await self.cache.close()
        await self.patient_cache.close()
        await self.queues.close()
        await self.tables.close()
        await self.blobs.close()
        await self.realtime.close()
        await self.model.close()
        self.outbound.close()
        self.passwords.close()


def _row(tx: Tx, event: Event) -> Mapping[str, Any]:
    return {
        "tenant_id": tx.tenant_id,
        "id": tx.ids.new(),
        "project_id": event.project_id,
        "type": event.type,
        "subject_id": event.subject_id,
        "incident_id": event.incident_id,
        "at": tx.now,
        "actor_kind": tx.actor.kind.value,
        "actor_id": tx.actor.id,
        "actor_name": tx.actor.name,
        "data": _plain(event.data),
        "changes": _plain({name: list(pair) for name, pair in event.changes.items()}),
        "note": event.note,
        "trace": tx.trace,
    }


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """Ids, times and enumerations as the text that JSON has for them."""
    found: dict[str, Any] = json.loads(json.dumps(value, default=_text))
    return found


def _text(value: object) -> str:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
        case _:
            raise TypeError(f"{type(value).__name__} cannot be recorded")
