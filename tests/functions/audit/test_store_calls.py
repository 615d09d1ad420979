"""Calls that waited on the queue are stored by its consumer."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from azure.data.tables.aio import TableClient
from pydantic import ValidationError

from functions.subscriptions import ROUTES
from shared.access.credentials import API_KEY_PREFIX
from shared.kernel.values import ActorKind, TenantId
from shared.platform.call_audit import CallRecord, row_of
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime
from shared.platform.settings import Settings
from shared.platform.table_store import API_CALLS
from tests.fixtures import App, Tenant

TODAY = datetime.now(UTC)  # a day that is over is joined only for some hours


def record(tenant_id: TenantId) -> CallRecord:
    return CallRecord(
        at=TODAY,
        tenant_id=tenant_id,
        project_id=None,
        actor_kind=ActorKind.API_KEY,
        actor_id=uuid4(),
        actor_name="a key",
        method="GET",
        route="incidents",
        path="incidents",
        operation="list_incidents",
        status=200,
        duration_ms=3.5,
        address="203.0.113.7",
        request_id="request-1",
        trace_id="a" * 32,
    )


async def stored(app: App, tenant_id: TenantId) -> list[dict[str, Any]]:
    storage = app.runtime.settings.storage.get_secret_value()
    async with TableClient.from_connection_string(storage, API_CALLS) as table:
        asked = f"PartitionKey eq '{tenant_id}_{TODAY:%Y%m%d}' and request_id eq 'request-1'"
        return [dict(row) async for row in table.query_entities(asked)]


async def test_queued_calls_are_stored_each_once(app: App) -> None:
    tenant_id = TenantId(uuid4())
    sent = [row_of(record(tenant_id), app.runtime.ids.new()) for _ in range(60)]
    for _ in range(2):
        await app.runtime.queues.send(Queue.AUDIT, json.dumps(sent))
    assert await app.deliver() == 2
    assert await stored(app, tenant_id) == sorted(sent, key=lambda row: row["RowKey"])


async def test_a_message_that_nobody_can_read_is_let_go_of(app: App) -> None:
    with pytest.raises(ValidationError):
        await app.hand("store_calls", "not a list of calls")
    await app.hand("bury_audit", "not a list of calls")


async def test_a_process_that_ends_stores_what_it_recorded(app: App, settings: Settings) -> None:
    ending = Runtime.start(settings, ROUTES)
    tenant_id = TenantId(uuid4())
    ending.audit.record(record(tenant_id))
    await ending.close()
    assert [one["operation"] for one in await stored(app, tenant_id)] == ["list_incidents"]


async def letters(owner: psycopg.AsyncConnection, tenant: Tenant) -> list[tuple[str, str, str]]:
    found = await owner.execute(
        "select source, reason, content from dead_letters where tenant_id = %s", (tenant.tenant_id,)
    )
    return await found.fetchall()


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"RowKey": "1/2"}, "InvalidInput"), ({"actor_name": "x" * 40_000}, "PropertyValueTooLarge")],
    ids=["a key that is none", "a text that is too long"],
)
async def test_a_call_that_the_tables_refuse_for_good_is_buried_and_costs_no_other(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection, change: dict[str, str], reason: str
) -> None:
    tenant_id = TenantId(UUID(tenant.tenant_id))
    good, bad = (row_of(record(tenant_id), app.runtime.ids.new()) for _ in range(2))
    secret = f"{API_KEY_PREFIX}{uuid4().hex}_abcdefgh"
    message = json.dumps([good, {**bad, "address": f"Bearer {secret}", **change}])
    for _ in range(2):
        await app.runtime.queues.send(Queue.AUDIT, message)
        await app.deliver()
    assert [row["RowKey"] for row in await stored(app, tenant_id)] == [good["RowKey"]]
    ((source, said, content),) = await letters(owner, tenant)
    assert (source, said) == ("audit", reason)
    assert "get" in content.lower()
    assert secret not in content
    assert await app.deliver() == 0  # nothing circles


async def test_a_nobody_s_call_that_is_refused_is_in_the_log(app: App, caplog: pytest.LogCaptureFixture) -> None:
    nobody = {**row_of(record(TenantId(uuid4())), uuid4()), "PartitionKey": "anonymous_20261121", "RowKey": "1/2"}
    await app.runtime.queues.send(Queue.AUDIT, json.dumps([nobody]))
    assert await app.deliver() == 1
    assert "a call was not audited (InvalidInput)" in caplog.text
    assert await app.deliver() == 0


async def test_a_process_hands_what_the_tables_refuse_to_the_queue(app: App, settings: Settings) -> None:
    """The queue's consumer has a database to bury it in."""
    ending = Runtime.start(settings, ROUTES)
    ending.audit.record(record(TenantId(uuid4())))
    (row,) = ending.audit._waiting.values()
    row["RowKey"] = "1/2"  # which no record of ours makes today
    ending.audit._waiting = {"1/2": row}
    await ending.close()
    (message,) = await app.mailbox.take(Queue.AUDIT)
    assert [one["RowKey"] for one in json.loads(message)] == ["1/2"]
