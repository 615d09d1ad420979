import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text

from scripts.devstack.ports import free_port
from shared.access.schemas import SignedInOut
from shared.platform.breaker import Breaker
from shared.platform.database import (
    AlreadyTaken,
    Database,
    DatabaseAway,
    RawConnection,
    TryAgain,
    Unstorable,
    begin_as,
    outlives_plans,
)
from shared.platform.runtime import Runtime
from shared.platform.settings import Settings
from tests.shared.platform.offline import offline
from tests.waiting import eventually

DEADLINE = 0.6  # seconds
QUIET_PEER = {"TCP_USER_TIMEOUT": 10_000, "TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}


@asynccontextmanager
async def database_at(port: int) -> AsyncIterator[Database]:
    url = f"postgresql://app@127.0.0.1:{port}/x"
    database = Database(offline(DATABASE_URL=url, SYSTEM_DATABASE_URL=url, INGEST_DEADLINE_SECONDS=str(DEADLINE)))
    yield database
    async with asyncio.timeout(5):
        await database.close()


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    built = Database(settings)
    yield built
    await built.close()


async def closed(breaker: Breaker) -> None:
    async with asyncio.timeout(5):
        while breaker.is_open:  # noqa: ASYNC110 - time closes it, and tells nobody
            await asyncio.sleep(0.01)


async def tenant_seen(connection: RawConnection, _tenant: UUID, requests: list[list[str]]) -> list[str]:
    """Answer each request with the tenant that the transaction is for."""
    found = await connection.execute("select current_setting('app.tenant_id')")
    row = await found.fetchone()
    return [row[0] if row else "" for _ in requests]


async def store_texts(connection: RawConnection, _tenant: UUID, requests: list[list[str]]) -> list[int]:
    for request in requests:
        await connection.execute("select %s::jsonb", (request[0],))
    return [len(request) for request in requests]


async def index_long_text(connection: RawConnection, _tenant: UUID, requests: list[list[str]]) -> list[int]:
    # Random, for the index compresses what it holds.
    await connection.execute("create temp table words (word text primary key) on commit drop")
    await connection.execute(
        "insert into words select string_agg(gen_random_uuid()::text, '') from generate_series(1, 200)"
    )
    return [0 for _ in requests]


async def sleep_long(connection: RawConnection, _tenant: UUID, requests: list[list[str]]) -> list[int]:
    await connection.execute("select pg_sleep(60)")
    return [0 for _ in requests]


async def break_connection(connection: RawConnection, _tenant: UUID, requests: list[list[str]]) -> list[int]:
    await connection.execute("select pg_terminate_backend(pg_backend_pid())")
    return [0 for _ in requests]


async def test_a_shared_write_is_of_its_tenant(database: Database) -> None:
    tenants = [uuid4(), uuid4()]
    seen = await asyncio.gather(*(database.together(tenant_seen, tenant, ["x"]) for tenant in tenants * 2))
    assert seen == [str(tenant) for tenant in tenants * 2]


async def test_a_connection_forgets_the_tenant_with_the_transaction(database: Database) -> None:
    await database.together(tenant_seen, uuid4(), ["x"])
    async with database.session(database.app) as session:
        assert not await session.scalar(text("select current_setting('app.tenant_id', true)"))


_KEPT = text("select count(*) from pg_prepared_statements")


@pytest.fixture
async def narrow(settings: Settings) -> AsyncIterator[Callable[[bool], Database]]:
    """Make databases of one connection each, that keep plans or do not."""
    made: list[Database] = []

    def make(prepares: bool) -> Database:
        made.append(Database(settings.model_copy(update={"postgres_prepares": prepares})))
        return made[-1]

    yield make
    for one in made:
        await one.close()


async def test_shared_writes_keep_their_plans_and_nothing_else_does(narrow: Callable[[bool], Database]) -> None:
    database = narrow(True)
    for _ in range(3):
        await database.together(tenant_seen, uuid4(), ["x"])
    async with database.session(database.app) as session:
        kept = await session.scalar(_KEPT)
        mode = await session.scalar(text("select current_setting('plan_cache_mode')"))
    assert (kept, mode) == (2, "auto")


def test_plans_are_made_anew_soon_in_the_beginning_and_again_and_again() -> None:
    anew = [uses for uses in range(1, 300) if outlives_plans(uses)]
    assert anew == [1, 2, 4, 8, 16, 32, 64, 128, 192, 256]


async def test_where_plans_cannot_be_kept_none_is(narrow: Callable[[bool], Database]) -> None:
    database = narrow(False)
    assert await database.together(tenant_seen, tenant := uuid4(), ["x"]) == str(tenant)
    async with database.session(database.app) as session:
        assert await session.scalar(_KEPT) == 0


async def test_a_value_that_cannot_be_stored_fails_its_own_caller_only(database: Database) -> None:
    texts = ["{}", '"\\u0000"', "not json", "1", '"a\x00b"']
    tenant = uuid4()
    results = await asyncio.gather(
        *(database.together(store_texts, tenant, [each]) for each in texts), return_exceptions=True
    )
    assert [type(result) for result in results] == [int, Unstorable, Unstorable, int, Unstorable]


@pytest.mark.parametrize(
    "statement",
    [
        text("select cast('99999999999' as integer)"),
        text("select cast('x' as uuid)"),
        text("select chr(0)"),
        text("select cast(repeat('[', 100000) as jsonb)"),
    ],
    ids=["too large", "malformed", "NUL", "nested too deep"],
)
async def test_a_value_that_cannot_be_stored_is_unstorable_in_a_session(database: Database, statement: Any) -> None:
    with pytest.raises(Unstorable):
        async with database.session(database.app) as session:
            await session.execute(statement)


async def test_a_key_too_large_for_its_index_is_no_outage(database: Database) -> None:
    with pytest.raises(Unstorable):
        await database.together(index_long_text, uuid4(), ["x"])
    assert not database._breaker.is_open


async def test_a_unique_constraint_says_no_without_its_name(runtime: Runtime, account: SignedInOut) -> None:
    with pytest.raises(AlreadyTaken) as refusal:
        async with runtime.database.session(runtime.database.system) as session:
            await session.execute(
                text(
                    "insert into users (tenant_id, id, email, name, password_hash, tenant_role)"
                    " values (:tenant, :id, :email, '', '', 'member')"
                ),
                {"tenant": account.tenant_id, "id": uuid4(), "email": account.email},
            )
    assert refusal.value.details == {}  # what a constraint is called is not the caller's business


async def test_an_exception_rolls_a_session_back(runtime: Runtime, account: SignedInOut, owner: Any) -> None:
    async def fail_halfway() -> None:
        async with runtime.database.session(runtime.database.system) as session:
            await session.execute(text("update project_counters set value = 99"))
            raise LookupError

    with pytest.raises(LookupError):
        await fail_halfway()
    found = await owner.execute("select value from project_counters where tenant_id = %s", (account.tenant_id,))
    assert {row[0] for row in await found.fetchall()} == {0}


async def test_a_server_that_refuses_is_away_at_once() -> None:
    async with database_at(free_port()) as database:
        began = time.monotonic()
        with pytest.raises(DatabaseAway):
            await database.together(tenant_seen, uuid4(), ["x"])
        with pytest.raises(DatabaseAway):
            async with database.session(database.app) as session:
                await session.execute(text("select 1"))
        assert time.monotonic() - began < DEADLINE


async def test_a_server_that_hangs_is_away_after_the_deadline(silent_port: int) -> None:
    async with database_at(silent_port) as database:
        began = time.monotonic()
        results = await asyncio.gather(
            *(database.together(tenant_seen, uuid4(), ["x"]) for _ in range(9)), return_exceptions=True
        )
        assert [type(result) for result in results] == [DatabaseAway] * 9
        assert DEADLINE <= time.monotonic() - began < 3 * DEADLINE


async def test_all_who_wait_for_a_server_that_hangs_are_told_at_once(silent_port: int) -> None:
    tenant, large = uuid4(), ["x"] * 150  # too many for one write together
    async with database_at(silent_port) as database:
        began = time.monotonic()
        results = await asyncio.gather(
            *(database.together(tenant_seen, tenant, large) for _ in range(9)), return_exceptions=True
        )
        assert [type(result) for result in results] == [DatabaseAway] * 9
        assert DEADLINE <= time.monotonic() - began < 2 * DEADLINE


async def write_in_a_server_that_only_reads(
    connection: RawConnection, _tenant: UUID, requests: list[list[str]]
) -> list[int]:
    await connection.execute("set transaction read only")
    await connection.execute("create table never (id int)")
    return [0 for _ in requests]


async def test_a_server_that_only_reads_is_away(database: Database) -> None:
    async def rename() -> None:
        async with database.session(database.app) as session:
            await session.execute(text("set transaction read only"))
            await session.execute(text("update tenants set name = name"))

    with pytest.raises(DatabaseAway):
        await rename()
    with pytest.raises(DatabaseAway):
        await database.together(write_in_a_server_that_only_reads, uuid4(), ["x"])
    assert database._breaker.is_open


async def never_settled(_connection: RawConnection, _tenant: UUID, _requests: list[list[str]]) -> list[int]:
    raise TryAgain


async def test_a_write_that_never_sees_the_world_stand_still_is_no_outage_for_others(database: Database) -> None:
    with pytest.raises(DatabaseAway):
        await database.together(never_settled, uuid4(), ["x"])
    assert not database._breaker.is_open


_LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"


async def wait_for_the_tenants_lock(connection: RawConnection, tenant: UUID, requests: list[list[str]]) -> list[int]:
    await connection.execute(_LOCK, (str(tenant),))
    return [0 for _ in requests]


async def test_a_lock_that_one_tenant_holds_is_no_outage_for_others(
    settings: Settings, owner: psycopg.AsyncConnection
) -> None:
    database = Database(settings.model_copy(update={"ingest_deadline": 3.0}))
    busy, others = uuid4(), [uuid4() for _ in range(8)]
    async with owner.transaction():
        await owner.execute(_LOCK, (str(busy),))
        waiting = [asyncio.create_task(database.together(wait_for_the_tenants_lock, busy, ["x"])) for _ in range(8)]
        await asyncio.gather(*(database.together(wait_for_the_tenants_lock, one, ["x"]) for one in others))
        assert not any(task.done() for task in waiting)
        told = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(one) for one in told] == [DatabaseAway] * 8
        assert not database.is_resting
    await database.together(wait_for_the_tenants_lock, busy, ["x"])
    await database.close()


async def test_who_comes_after_an_outage_was_noticed_does_not_wait(silent_port: int) -> None:
    async with database_at(silent_port) as database:
        with pytest.raises(DatabaseAway):
            await database.together(tenant_seen, uuid4(), ["x"])
        began = time.monotonic()
        with pytest.raises(DatabaseAway):
            await database.together(tenant_seen, uuid4(), ["x"])
        assert time.monotonic() - began < DEADLINE / 3


async def test_a_statement_that_hangs_is_given_up_and_the_pool_recovers(settings: Settings) -> None:
    database = Database(settings.model_copy(update={"ingest_deadline": DEADLINE}))
    with pytest.raises(DatabaseAway):
        await database.together(sleep_long, uuid4(), ["x"])
    await closed(database._breaker)
    for _ in range(6):  # more than the pool holds
        await database.together(tenant_seen, uuid4(), ["x"])
    await database.close()


async def leave_answers(connection: RawConnection, _tenant: UUID, requests: list[list[str]]) -> list[int]:
    await connection.execute("select 'left over' from generate_series(1, 3)")
    found = await connection.execute("select 'left over', pg_sleep(0.002)")
    await connection.execute("select 'left over'")
    await found.fetchall()
    await connection.execute("select 'left over', pg_sleep(0.002)")
    return [0 for _ in requests]


async def ask_in_a_session(database: Database) -> None:
    async with database.session(database.app) as session:
        await begin_as(session, uuid4())
        await session.execute(text("select 'left over'"))
        await session.execute(text("select 'left over', pg_sleep(0.002)"))


@pytest.mark.parametrize("after", [0, 1, 2, 4, 6, 8])
async def test_whoever_is_broken_off_leaves_no_answers_to_the_next(database: Database, after: int) -> None:
    for number in range(20):
        for work in (database._transact(leave_answers, uuid4(), [["x"]]), ask_in_a_session(database)):
            task = asyncio.create_task(work)
            await asyncio.sleep(after / 1_000)
            for _ in range(number):  # wherever it is in its course
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            async with database.session(database.app) as session:
                assert await session.scalar(text("select cast(:number as int)"), {"number": number}) == number


async def test_connections_that_the_server_closed_are_replaced(
    database: Database, owner: psycopg.AsyncConnection
) -> None:
    async with database.session(database.app) as session:
        pid = await session.scalar(text("select pg_backend_pid()"))
    await owner.execute("select pg_terminate_backend(%s)", (pid,))

    async def has_gone() -> bool:
        found = await owner.execute("select from pg_stat_activity where pid = %s", (pid,))
        return found.rowcount == 0

    await eventually(has_gone)
    async with database.session(database.app) as session:
        assert await session.scalar(text("select pg_backend_pid()")) != pid


async def test_a_connection_lost_in_the_middle_is_an_outage(database: Database) -> None:
    with pytest.raises(DatabaseAway):
        await database.together(break_connection, uuid4(), ["x"])
    assert database._breaker.is_open


async def test_the_breaker_closes_by_itself() -> None:
    breaker = Breaker(seconds=0.05)
    assert not breaker.is_open
    breaker.failed()
    assert breaker.is_open
    await closed(breaker)


@pytest.mark.parametrize("role", ["app", "system"])
async def test_a_peer_that_vanished_is_noticed_in_seconds(database: Database, role: str) -> None:
    engine = {"app": database.app, "system": database.system}[role]
    async with engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        with socket.socket(fileno=os.dup(raw.fileno())) as line:
            found = {name: line.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in QUIET_PEER}
            assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert found == QUIET_PEER
    keepalive_s = found["TCP_KEEPIDLE"] + found["TCP_KEEPINTVL"] * found["TCP_KEEPCNT"]
    assert keepalive_s <= 60
