"""Every call is audited behind its caller's back, and waits for stores that are away."""

import asyncio
import json
import logging
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from azure.data.tables.aio import TableClient
from azure.storage.queue.aio import QueueClient
from pydantic import SecretStr, ValidationError

from scripts.proof.mailbox import Mailbox
from shared.kernel.values import ActorKind, ProjectId, TenantId
from shared.platform.call_audit import MAX_WAITING, CallAudit, CallRecord, row_of
from shared.platform.ids import TimeOrderedIds
from shared.platform.queues import MAX_MESSAGE_BYTES, Queue, Queues
from shared.platform.settings import Settings, StorageAccess
from shared.platform.table_store import API_CALLS, TableStore
from tests.shared.platform.line import Line
from tests.waiting import eventually

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PATIENCE = 20  # seconds
GIVEN_TEXTS = ("actor_name", "method", "route", "path", "operation", "address", "request_id", "trace_id")


@dataclass
class Noon:
    """A clock that stands on the day that the calls are of, until a test moves it."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


@dataclass
class Storage:
    """The storage account behind two lines, as an audit sees it and as a test does."""

    audit: CallAudit
    clock: Noon
    tables: Line
    queues: Line
    mailbox: Mailbox
    queue: QueueClient
    table: TableClient

    async def rows(self, tenant_id: TenantId | None, *, day: datetime = NOON) -> list[dict[str, Any]]:
        """A tenant's rows of one day, in the table's own order."""
        partition = f"PartitionKey eq '{tenant_id or 'anonymous'}_{day:%Y%m%d}'"
        return [dict(row) async for row in self.table.query_entities(partition)]

    async def has(self, tenant_id: TenantId, count: int) -> bool:
        return len(await self.rows(tenant_id)) == count

    async def are_stored(self) -> bool:
        return not self.audit.waiting

    async def has_messages(self) -> bool:
        return bool((await self.queue.get_queue_properties()).approximate_message_count)

    async def forget_messages(self) -> None:
        await self.queue.clear_messages()

    async def carry(self) -> int:
        """Hand every message of the queue to the consumer, and say how many there were."""
        messages = await self.mailbox.take(Queue.AUDIT)
        for message in messages:
            await self.audit.store_queued(message)
        return len(messages)


@pytest.fixture
async def stores(settings: Settings) -> AsyncIterator[Storage]:
    whole = settings.storage.get_secret_value()
    tables, queues = (Line(port_of(whole, name)) for name in ("Table", "Queue"))
    access = StorageAccess(connection_string=SecretStr(through(through(whole, "Table", tables), "Queue", queues)))
    clients = TableStore(access), Queues(access)
    clock = Noon()
    audit = CallAudit(*clients, clock, TimeOrderedIds())
    mailbox, direct = Mailbox(settings), QueueClient.from_connection_string(whole, Queue.AUDIT)
    await mailbox.take(Queue.AUDIT)
    await tables.mend()
    await queues.mend()
    async with TableClient.from_connection_string(whole, API_CALLS) as table:
        yield Storage(audit, clock, tables, queues, mailbox, direct, table)
    await audit.close()
    for client in (*clients, mailbox, direct):
        await client.close()
    await tables.cut()
    await queues.cut()


def port_of(connection_string: str, service: str) -> int:
    found = re.search(rf"{service}Endpoint=http://[^:]+:(\d+)/", connection_string)
    assert found is not None
    return int(found.group(1))


def through(connection_string: str, service: str, line: Line) -> str:
    return re.sub(rf"({service}Endpoint=http://[^:]+:)\d+/", rf"\g<1>{line.port}/", connection_string)


@pytest.fixture
def tenant_id() -> TenantId:
    return TenantId(uuid4())


def call(tenant_id: TenantId | None, number: int = 0, **changes: Any) -> CallRecord:
    record = CallRecord(
        at=NOON + timedelta(seconds=number),
        tenant_id=tenant_id,
        project_id=ProjectId(UUID(int=6)) if tenant_id else None,
        actor_kind=ActorKind.USER if tenant_id else ActorKind.ANONYMOUS,
        actor_id=UUID(int=7) if tenant_id else None,
        actor_name="Olga Owner" if tenant_id else "",
        method="GET",
        route="incidents/{incident_id}",
        path="incidents/7",
        operation="get_incident",
        status=200,
        duration_ms=12.0,
        address="203.0.113.7",
        request_id=f"request-{number}",
        trace_id="a" * 32,
    )
    return replace(record, **changes)


async def test_a_call_is_in_its_tenants_partition_of_the_day(stores: Storage, tenant_id: TenantId) -> None:
    stores.audit.record(call(tenant_id))
    await stores.audit.close()
    (row,) = await stores.rows(tenant_id)
    assert row.pop("RowKey")
    assert row == {
        "PartitionKey": f"{tenant_id}_20261121",
        "at": "2026-11-21T12:00:00.000000Z",
        "project_id": str(UUID(int=6)),
        "actor_kind": "user",
        "actor_id": str(UUID(int=7)),
        "actor_name": "Olga Owner",
        "method": "GET",
        "route": "incidents/{incident_id}",
        "path": "incidents/7",
        "operation": "get_incident",
        "status": 200,
        "duration_ms": 12.0,
        "address": "203.0.113.7",
        "request_id": "request-0",
        "trace_id": "a" * 32,
    }


async def test_a_call_without_a_tenant_is_audited_too(stores: Storage) -> None:
    request_id = uuid4().hex
    stores.audit.record(call(None, status=401, request_id=request_id))
    await stores.audit.close()
    rows = [row for row in await stores.rows(None) if row["request_id"] == request_id]
    assert [(row["status"], row["actor_kind"], row["actor_id"]) for row in rows] == [(401, "anonymous", "")]


async def test_the_newest_call_comes_first(stores: Storage, tenant_id: TenantId) -> None:
    for number in (2, 0, 3, 1):
        stores.audit.record(call(tenant_id, number))
    await stores.audit.close()
    found = [row["request_id"] for row in await stores.rows(tenant_id)]
    assert found == [f"request-{number}" for number in (3, 2, 1, 0)]


async def test_calls_of_one_microsecond_are_all_kept(stores: Storage, tenant_id: TenantId) -> None:
    for _ in range(30):
        stores.audit.record(call(tenant_id))
    await stores.audit.close()
    assert len(await stores.rows(tenant_id)) == 30


async def test_a_call_is_stored_soon_although_no_other_follows(stores: Storage, tenant_id: TenantId) -> None:
    stores.audit.record(call(tenant_id))
    await eventually(lambda: stores.has(tenant_id, 1))


async def test_a_thousand_calls_at_once_are_all_stored_and_cost_their_callers_microseconds(
    stores: Storage, tenant_id: TenantId
) -> None:
    calls = [call(tenant_id if number % 3 else None, number) for number in range(1_000)]
    began = time.thread_time()
    for one in calls:
        stores.audit.record(one)
    cost = (time.thread_time() - began) / len(calls)
    await eventually(stores.are_stored)  # to close would wait for five seconds at most
    assert len(await stores.rows(tenant_id)) == 666
    assert cost < 200e-6  # 13 microseconds on an idle core


async def test_while_the_tables_are_away_calls_wait_on_the_queue(stores: Storage, tenant_id: TenantId) -> None:
    await stores.tables.cut()
    for number in range(300):
        stores.audit.record(call(tenant_id, number, actor_name="ü" * 1_000))
    await stores.audit.close()
    await stores.tables.mend()
    assert await stores.rows(tenant_id) == []
    assert await stores.carry() > 1
    found = {row["request_id"] for row in await stores.rows(tenant_id)}
    assert found == {f"request-{number}" for number in range(300)}


async def test_no_message_is_too_large_for_a_queue(stores: Storage, tenant_id: TenantId) -> None:
    await stores.tables.cut()
    widest: dict[str, Any] = dict.fromkeys(GIVEN_TEXTS, "🚒" * 10_000)
    for number in range(20):
        stores.audit.record(call(tenant_id, number, **widest))
    await stores.audit.close()
    messages = await stores.mailbox.take(Queue.AUDIT)
    assert sum(len(json.loads(message)) for message in messages) == 20
    assert all(len(message.encode()) <= MAX_MESSAGE_BYTES for message in messages)


async def test_a_message_delivered_twice_changes_nothing(stores: Storage, tenant_id: TenantId) -> None:
    await stores.tables.cut()
    stores.audit.record(call(tenant_id))
    await stores.audit.close()
    await stores.tables.mend()
    (message,) = await stores.mailbox.take(Queue.AUDIT)
    await stores.audit.store_queued(message)
    first = await stores.rows(tenant_id)
    await stores.audit.store_queued(message)
    assert await stores.rows(tenant_id) == first


MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (MIDNIGHT + timedelta(hours=4, minutes=59), MIDNIGHT + timedelta(hours=5)),
        (MIDNIGHT + timedelta(hours=23, minutes=59), MIDNIGHT + timedelta(days=1, minutes=1)),
    ],
    ids=["as its own day closes", "at a later midnight"],
)
async def test_a_message_delivered_again_on_another_day_changes_nothing(
    stores: Storage, tenant_id: TenantId, first: datetime, second: datetime
) -> None:
    message = json.dumps([row_of(call(tenant_id, number), uuid4()) for number in range(3)])
    for stores.clock.at in (first, second):
        assert await stores.audit.store_queued(message) == []
    days = [NOON, MIDNIGHT, MIDNIGHT + timedelta(days=1)]
    assert sorted([len(await stores.rows(tenant_id, day=day)) for day in days]) == [0, 0, 3]


async def test_a_late_call_is_stored_beside_those_that_were(stores: Storage, tenant_id: TenantId) -> None:
    rows = [row_of(call(tenant_id, number), uuid4()) for number in range(3)]
    await stores.audit.store_queued(json.dumps([rows[0], rows[2]]))
    stores.clock.at = MIDNIGHT + timedelta(hours=6)
    await stores.audit.store_queued(json.dumps(rows))
    assert len(await stores.rows(tenant_id)) == 2
    assert [row["request_id"] for row in await stores.rows(tenant_id, day=MIDNIGHT)] == ["request-1"]


async def test_a_call_stored_without_an_answer_is_stored_once(stores: Storage, tenant_id: TenantId) -> None:
    stores.tables.swallows_answers = True
    stores.audit.record(call(tenant_id))
    await stores.audit.close()
    stores.tables.swallows_answers = False
    assert len(await stores.rows(tenant_id)) == 1
    assert await stores.carry() == 1
    assert len(await stores.rows(tenant_id)) == 1


async def test_a_message_goes_back_while_the_tables_stay_away(stores: Storage, tenant_id: TenantId) -> None:
    await stores.tables.cut()
    message = json.dumps([row_of(call(tenant_id), uuid4())])
    await stores.audit.store_queued(message)  # no error: a try is not for waiting
    assert await stores.has_messages()
    assert await stores.mailbox.take(Queue.AUDIT) == []  # and it comes again later, not at once
    await stores.forget_messages()


@pytest.mark.parametrize("message", ["", "{}", "[{}]", '[{"PartitionKey": "x_20261121", "RowKey": "1"}]'])
async def test_a_message_that_is_none_is_an_error_for_the_host(stores: Storage, message: str) -> None:
    with pytest.raises(ValidationError):
        await stores.audit.store_queued(message)


async def test_with_both_stores_away_calls_wait_and_none_is_lost_or_counted_twice(
    stores: Storage, tenant_id: TenantId, caplog: pytest.LogCaptureFixture
) -> None:
    await stores.tables.cut()
    await stores.queues.cut()
    for number in range(150):
        stores.audit.record(call(tenant_id, number))
    await eventually(lambda: asyncio.sleep(0, "no store answers: 150 calls" in caplog.text))
    await stores.queues.mend()
    await eventually(stores.has_messages)
    for number in range(150, 200):
        stores.audit.record(call(tenant_id, number))
    await stores.tables.mend()
    await stores.audit.close()
    while await stores.carry():
        pass
    found = [row["request_id"] for row in await stores.rows(tenant_id)]
    assert sorted(found) == sorted(f"request-{number}" for number in range(200))


async def test_beyond_what_fits_calls_are_dropped_counted_and_said_to_be(
    stores: Storage, tenant_id: TenantId, caplog: pytest.LogCaptureFixture
) -> None:
    await stores.tables.cut()
    await stores.queues.cut()
    for number in range(MAX_WAITING + 5):
        stores.audit.record(call(tenant_id, number))
    assert stores.audit.dropped == 5
    began = time.monotonic()
    await stores.audit.close()
    assert time.monotonic() - began < PATIENCE
    assert f"no store answers: {MAX_WAITING} calls wait to be audited, 5 were dropped" in caplog.text
    assert f"{MAX_WAITING} calls were not audited" in caplog.text


async def test_stores_that_never_answer_hold_neither_callers_nor_the_end_for_long(
    settings: Settings, silent_port: int, tenant_id: TenantId
) -> None:
    whole = settings.storage.get_secret_value()
    silent = re.sub(r"((?:Table|Queue)Endpoint=http://[^:]+:)\d+/", rf"\g<1>{silent_port}/", whole)
    access = StorageAccess(connection_string=SecretStr(silent))
    clients = TableStore(access), Queues(access)
    audit = CallAudit(*clients, Noon(), TimeOrderedIds())
    began = time.monotonic()
    audit.record(call(tenant_id))
    assert time.monotonic() - began < 2
    await audit.close()
    assert time.monotonic() - began < 7
    for client in clients:
        await client.close()


async def test_whatever_keeps_calls_from_being_stored_is_in_the_log(
    tenant_id: TenantId, caplog: pytest.LogCaptureFixture
) -> None:
    access = StorageAccess(connection_string=SecretStr("no connection string"))
    audit = CallAudit(TableStore(access), Queues(access), Noon(), TimeOrderedIds())
    audit.record(call(tenant_id))
    await audit.close()
    (told,) = [one for one in caplog.records if one.getMessage() == "1 calls wait to be audited"]
    assert told.exc_info is not None
    assert audit.waiting == 1


HOSTILE = {
    "NUL": "a\x00b",
    "half a character": "a\ud800b",
    "a line break": 'x"\r\n{"forged": true}',
    "a terminal's control": "\x1b[2J\x7f",
    "a Unicode line break": "a\u2028b",
    "right to left": "\u202eabc",
    "a quote of the filter language": "x' or 'a' eq 'a",
    "very long": "x" * 1_000_000,
    "XML": "<b>&amp;</b>",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_whatever_a_caller_is_called_is_stored(
    stores: Storage, tenant_id: TenantId, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    hostile: dict[str, Any] = dict.fromkeys(
        ("actor_name", "method", "route", "path", "operation", "address", "request_id", "trace_id"), text
    )
    stores.audit.record(call(tenant_id, **hostile))
    await stores.audit.close()
    (row,) = await stores.rows(tenant_id)
    assert len(row["actor_name"]) <= 256
    assert not re.search(r"[\x00-\x1f\x7f]", row["actor_name"])
    assert caplog.records == [] or all(record.levelno < logging.WARNING for record in caplog.records)


async def test_a_call_at_another_offset_is_of_the_day_in_utc() -> None:
    early = datetime.fromisoformat("2026-11-22T01:30:00+02:00")
    row = row_of(call(None, at=early), uuid4())
    assert (row["PartitionKey"], row["at"]) == ("anonymous_20261121", "2026-11-21T23:30:00.000000Z")
