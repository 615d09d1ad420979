from uuid import uuid4

import psycopg
import pytest

from shared.access.schemas import SignedInOut
from shared.incidents.events import IncidentCreated, IncidentUpdated
from shared.kernel.values import ProjectId, TenantId, system_actor
from shared.platform.inbox import AlreadyDone, finish, is_done
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime
from tests.fixtures import sign_up
from tests.shared.platform.recording import Log, record


@pytest.fixture
def log(owner: psycopg.AsyncConnection, account: SignedInOut) -> Log:
    return Log(owner, account.tenant_id)


async def test_finished_once_is_finished(runtime: Runtime, account: SignedInOut) -> None:
    actor, event = system_actor(TenantId(account.tenant_id)), uuid4()
    async with runtime.transaction(actor) as tx:
        assert not await is_done(tx, Queue.HYPOTHESES, event)
        await finish(tx, Queue.HYPOTHESES, event)
    async with runtime.transaction(actor) as tx:
        assert await is_done(tx, Queue.HYPOTHESES, event)
        assert not await is_done(tx, Queue.TRANSITIONS, event)


async def test_finishing_again_takes_the_second_effect_back(runtime: Runtime, account: SignedInOut, log: Log) -> None:
    event = uuid4()

    async def work() -> None:
        async with runtime.transaction(system_actor(TenantId(account.tenant_id))) as tx:
            tx.record(IncidentUpdated(project_id=ProjectId(account.project_id), subject_id=event))
            await finish(tx, Queue.TRANSITIONS, event)

    await work()
    with pytest.raises(AlreadyDone):
        await work()
    assert len(await log.rows(IncidentUpdated)) == 1


async def test_a_failed_transaction_has_finished_nothing(runtime: Runtime, account: SignedInOut) -> None:
    actor, event = system_actor(TenantId(account.tenant_id)), uuid4()

    async def fail_at_the_end() -> None:
        async with runtime.transaction(actor) as tx:
            await finish(tx, Queue.HYPOTHESES, event)
            raise LookupError

    with pytest.raises(LookupError):
        await fail_at_the_end()
    async with runtime.transaction(actor) as tx:
        assert not await is_done(tx, Queue.HYPOTHESES, event)


async def test_tenants_finish_by_themselves(runtime: Runtime, account: SignedInOut) -> None:
    other, event = await sign_up(runtime), uuid4()
    async with runtime.transaction(system_actor(TenantId(account.tenant_id))) as tx:
        await finish(tx, Queue.HYPOTHESES, event)
    async with runtime.transaction(system_actor(TenantId(other.tenant_id))) as tx:
        assert not await is_done(tx, Queue.HYPOTHESES, event)


async def test_an_event_is_over_when_its_last_consumer_has_finished(
    runtime: Runtime, account: SignedInOut, log: Log
) -> None:
    actor = system_actor(TenantId(account.tenant_id))
    await record(runtime, account, IncidentCreated)
    await runtime.relay.sweep()
    (row,) = await log.rows(IncidentCreated)
    others = {Queue.HYPOTHESES, Queue.TRANSITIONS}
    assert set(row["awaiting"]) == {*others, Queue.NOTIFICATIONS}
    for one in ("somebody else", *sorted(others)):
        async with runtime.transaction(actor) as tx:
            await finish(tx, one, row["id"])
        (row,) = await log.rows(IncidentCreated)
        assert row["due_at"] is not None
    async with runtime.transaction(actor) as tx:
        await finish(tx, Queue.NOTIFICATIONS, row["id"])
    (row,) = await log.rows(IncidentCreated)
    assert (row["awaiting"], row["due_at"]) == ([], None)


async def test_an_event_that_live_clients_have_not_seen_yet_is_not_over(
    runtime: Runtime, account: SignedInOut, log: Log
) -> None:
    await record(runtime, account, IncidentCreated)
    (row,) = await log.rows(IncidentCreated)
    async with runtime.transaction(system_actor(TenantId(account.tenant_id))) as tx:
        await finish(tx, Queue.HYPOTHESES, row["id"])
    (row,) = await log.rows(IncidentCreated)
    assert row["due_at"] is not None
