"""Rows written by a body of our own are those that the library would write."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient

from shared.platform.settings import Settings
from shared.platform.table_batch import is_written, replacing
from shared.platform.table_store import API_CALLS, RowsRefused, TableStore

ROW: dict[str, Any] = {
    "text": "quotes ' \" and\r\n--changes_of_rows\r\n, ü 🚒 \u2028",
    "whole": 202,
    "real": 12.0,
    "small": 0.001,
    "truth": True,
    "nothing": "",
}


@pytest.fixture
async def table(settings: Settings) -> AsyncIterator[TableClient]:
    async with TableClient.from_connection_string(settings.storage.get_secret_value(), API_CALLS) as client:
        yield client


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[TableStore]:
    made = TableStore(settings.storage_access)
    yield made
    await made.close()


async def test_a_row_reads_back_as_one_that_the_library_wrote(store: TableStore, table: TableClient) -> None:
    partition = f"o'Neill {uuid4()}"
    ours, theirs = ({"PartitionKey": partition, "RowKey": f"{name} ü'", **ROW} for name in ("ours", "theirs"))
    await store.upsert(API_CALLS, [ours])
    await table.submit_transaction([("upsert", theirs, {"mode": UpdateMode.REPLACE})])
    found = {key: await table.get_entity(partition, key) for key in (ours["RowKey"], theirs["RowKey"])}
    values = [{name: value for name, value in one.items() if name != "RowKey"} for one in found.values()]
    assert values[0] == values[1]
    assert [type(value) for value in values[0].values()] == [type(value) for value in values[1].values()]


async def test_a_row_of_the_same_key_is_replaced_as_a_whole(store: TableStore, table: TableClient) -> None:
    key = {"PartitionKey": str(uuid4()), "RowKey": "a"}
    await store.upsert(API_CALLS, [{**key, "first": "1"}])
    await store.upsert(API_CALLS, [{**key, "second": "2"}])
    assert dict(await table.get_entity(key["PartitionKey"], "a")) == {**key, "second": "2"}


async def test_one_bad_row_refuses_all_and_says_why(store: TableStore, table: TableClient) -> None:
    partition = str(uuid4())
    good = {"PartitionKey": partition, "RowKey": "good", "text": "x"}
    bad = {"PartitionKey": partition, "RowKey": "bad", "text": "x" * 70_000}  # a property holds 64 KiB
    with pytest.raises(RowsRefused) as refused:
        await store.upsert(API_CALLS, [good, bad])
    assert refused.value.detail
    assert [row async for row in table.query_entities(f"PartitionKey eq '{partition}'")] == []


def test_no_text_leaves_its_row() -> None:
    row = {"PartitionKey": "p", "RowKey": "r", **ROW}
    body = replacing("http://127.0.0.1:1/account", "table", [row, row])
    assert body.count(b"--changes_of_rows\r\n") == 2
    assert body.count(b"PUT http://127.0.0.1:1/account/table(PartitionKey='p',RowKey='r') HTTP/1.1\r\n") == 2


@pytest.mark.parametrize(
    ("answer", "rows", "written"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n", 2, True),
        (b"HTTP/1.1 204 No Content\r\n", 2, False),
        (b"HTTP/1.1 400 Bad Request\r\n", 1, False),
        (b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 404 Not Found\r\n", 2, False),
        (b"", 1, False),
    ],
)
def test_only_a_word_for_every_row_counts(answer: bytes, rows: int, *, written: bool) -> None:
    assert is_written(answer, rows) is written
