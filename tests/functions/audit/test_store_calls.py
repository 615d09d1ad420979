"""Calls that waited on the queue are stored by its consumer."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from azure.data.tables.aio import TableClient
from pydantic import ValidationError

from shared.kernel.values import ActorKind, TenantId
from shared.platform.call_audit import CallRecord, row_of
from shared.platform.queues import Queue
from shared.platform.table_store import API_CALLS
from tests.fixtures import App


def row(app: App, tenant_id: TenantId) -> dict[str, object]:
    record = CallRecord(
        at=datetime(2026, 11, 21, 12, tzinfo=UTC),
        tenant_id=tenant_id,
        actor_kind=ActorKind.API_KEY,
        actor_id=uuid4(),
        actor_name="a key",
        method="GET",
        route="incidents",
        operation="list_incidents",
        status=200,
        duration_ms=3.5,
        address="203.0.113.7",
        request_id="request-1",
        trace_id="a" * 32,
    )
    return {**row_of(record, app.runtime.ids.new())}


async def test_queued_calls_are_stored_each_once(app: App) -> None:
    tenant_id = TenantId(uuid4())
    sent = [row(app, tenant_id) for _ in range(60)]
    for _ in range(2):
        await app.runtime.queues.send(Queue.AUDIT, json.dumps(sent))
    assert await app.deliver() == 2
    storage = app.runtime.settings.storage.get_secret_value()
    async with TableClient.from_connection_string(storage, API_CALLS) as table:
        stored = [dict(one) async for one in table.query_entities(f"PartitionKey eq '{tenant_id}_20261121'")]
    assert sorted(stored, key=lambda one: one["RowKey"]) == sorted(sent, key=lambda one: str(one["RowKey"]))


async def test_a_message_that_nobody_can_read_is_let_go_of(app: App) -> None:
    with pytest.raises(ValidationError):
        await app.hand("store_calls", "not a list of calls")
    await app.hand("bury_audit", "not a list of calls")
