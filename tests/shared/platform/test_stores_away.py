"""Storage and Web PubSub that are away say so fast and in the domain's words."""

import time
from collections.abc import Awaitable, Callable

import pytest
from azure.core.exceptions import AzureError

from shared.platform.queues import Queue, QueueAway, Queues
from shared.platform.realtime import Realtime, RealtimeAway
from shared.platform.table_store import TableStore
from tests.shared.platform.offline import offline

SECONDS = 1.5
ADDRESS = "http://127.0.0.1:{port}/nobody"
STORAGE = (
    "DefaultEndpointsProtocol=http;AccountName=nobody;AccountKey=c2VjcmV0;"
    f"QueueEndpoint={ADDRESS};TableEndpoint={ADDRESS};"
)


async def measured(call: Callable[[], Awaitable[object]], error: type[Exception]) -> float:
    began = time.monotonic()
    with pytest.raises(error):
        await call()
    return time.monotonic() - began


async def test_a_queue_that_refuses_is_away_at_once() -> None:
    queues = Queues(offline().storage_access)
    assert await measured(lambda: queues.send(Queue.ALERTS, "text"), QueueAway) < SECONDS
    await queues.close()


async def test_a_hub_that_refuses_is_away_at_once() -> None:
    realtime = Realtime(offline())
    assert await measured(lambda: realtime.publish("group", {"type": "x"}), RealtimeAway) < SECONDS
    await realtime.close()


async def test_tables_that_refuse_fail_their_health_check_at_once() -> None:
    tables = TableStore(offline().storage_access)
    assert await measured(tables.ping, AzureError) < SECONDS
    await tables.close()


async def test_a_client_is_admitted_while_the_hub_is_away() -> None:
    realtime = Realtime(offline())
    access = await realtime.admit("somebody", ["t.1.p.2.alerts"])
    assert access.url.startswith("ws://127.0.0.1:1/client/hubs/srecopilot?access_token=")
    await realtime.close()
