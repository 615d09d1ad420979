import asyncio
import base64
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import azure.functions as func
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from scripts.devstack.functions_host.queues import Attempt, Backoff, Settlement, settle
from tests.scripts.devstack.functions_host.conftest import Serve
from tests.scripts.devstack.functions_host.queue_helpers import add_consumer, await_texts, count, plain_text, texts


@pytest.mark.parametrize(
    ("attempt", "dequeue_count", "has_poison_queue", "expected"),
    [
        (Attempt.SUCCEEDED, 1, True, Settlement.DELETE),
        (Attempt.SUCCEEDED, 5, False, Settlement.DELETE),
        (Attempt.FAILED, 4, True, Settlement.RELEASE),
        (Attempt.FAILED, 5, True, Settlement.POISON),
        (Attempt.FAILED, 6, True, Settlement.POISON),
        (Attempt.UNDECODABLE, 1, True, Settlement.POISON),
        (Attempt.FAILED, 1, False, Settlement.LEAVE),
        (Attempt.FAILED, 6, False, Settlement.LEAVE),
        (Attempt.UNDECODABLE, 1, False, Settlement.LEAVE),
    ],
)
def test_a_message_is_settled_by_its_attempt(
    attempt: Attempt, dequeue_count: int, *, has_poison_queue: bool, expected: Settlement
) -> None:
    fate = settle(attempt, dequeue_count=dequeue_count, max_dequeue_count=5, has_poison_queue=has_poison_queue)
    assert fate is expected


def test_empty_polls_back_off_from_a_tenth_of_a_second_to_the_maximum() -> None:
    backoff = Backoff(timedelta(seconds=2))
    delays = [backoff.next() for _ in range(10)]
    assert delays[0] == pytest.approx(0.1)
    assert delays == sorted(delays)
    assert 0.18 <= delays[1] <= 0.22
    assert delays[-1] == 2
    backoff.reset()
    assert backoff.next() == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("encoding", "content"),
    [("base64", base64.b64encode("grüße".encode()).decode()), ("none", "grüße")],
)
async def test_a_message_arrives_with_its_metadata_and_is_deleted(
    serve: Serve, app: func.FunctionApp, queue: QueueClient, settings: dict[str, str], encoding: str, content: str
) -> None:
    arrived: asyncio.Queue[func.QueueMessage] = asyncio.Queue()
    add_consumer(app, arrived.put_nowait)
    served = await serve(app, settings=settings, host_json={"extensions": {"queues": {"messageEncoding": encoding}}})
    sent = await queue.send_message(content)
    message = await asyncio.wait_for(arrived.get(), 10)
    assert message.get_body().decode() == "grüße"
    assert (message.id, message.dequeue_count) == (sent.id, 1)
    assert message.pop_receipt
    assert message.insertion_time
    assert message.expiration_time
    assert message.insertion_time.replace(tzinfo=UTC) <= datetime.now(UTC)
    assert message.expiration_time - message.insertion_time == timedelta(days=7)
    assert message.time_next_visible
    await served.host.stop()
    assert await count(queue) == 0


@pytest.mark.parametrize("most", [5, 2])
async def test_a_failing_message_is_tried_at_once_until_it_is_poison(
    serve: Serve,
    app: func.FunctionApp,
    account: QueueServiceClient,
    queue: QueueClient,
    settings: dict[str, str],
    most: int,
) -> None:
    attempts: list[int | None] = []

    def fail(message: func.QueueMessage) -> None:
        attempts.append(message.dequeue_count)
        raise RuntimeError

    add_consumer(app, fail)
    options = plain_text(maxDequeueCount=most)
    served = await serve(app, settings=settings, host_json=options)
    await queue.send_message("bad")
    await await_texts(account.get_queue_client(f"{queue.queue_name}-poison"), {"bad"})
    await served.host.stop()
    assert attempts == list(range(1, most + 1))
    assert await count(queue) == 0


async def test_an_undecodable_message_is_poison_without_a_try(
    serve: Serve, app: func.FunctionApp, account: QueueServiceClient, queue: QueueClient, settings: dict[str, str]
) -> None:
    arrived: asyncio.Queue[func.QueueMessage] = asyncio.Queue()
    add_consumer(app, arrived.put_nowait)
    await queue.send_message("not base64")
    await serve(app, settings=settings)
    await await_texts(account.get_queue_client(f"{queue.queue_name}-poison"), {"not base64"})
    assert arrived.empty()


async def test_a_message_whose_tries_crashed_is_poison_without_another(
    serve: Serve, app: func.FunctionApp, account: QueueServiceClient, queue: QueueClient, settings: dict[str, str]
) -> None:
    arrived: asyncio.Queue[func.QueueMessage] = asyncio.Queue()
    add_consumer(app, arrived.put_nowait)
    await queue.send_message("crashes")
    for _ in range(5):
        message = await queue.receive_message()
        assert message
        await queue.update_message(message.id, message.pop_receipt, visibility_timeout=0)
    await serve(app, settings=settings, host_json=plain_text())
    await await_texts(account.get_queue_client(f"{queue.queue_name}-poison"), {"crashes"})
    assert arrived.empty()


async def test_a_failed_message_waits_for_the_visibility_timeout(
    serve: Serve, app: func.FunctionApp, queue: QueueClient, settings: dict[str, str]
) -> None:
    tried = asyncio.Event()

    def fail(_: func.QueueMessage) -> None:
        tried.set()
        raise RuntimeError

    add_consumer(app, fail)
    options = plain_text(visibilityTimeout="00:00:30")
    served = await serve(app, settings=settings, host_json=options)
    await queue.send_message("later")
    await asyncio.wait_for(tried.wait(), 10)
    await served.host.stop()
    assert await texts(queue) == set()
    assert await count(queue) == 1


async def test_a_poison_queue_has_no_poison_queue(
    serve: Serve, app: func.FunctionApp, account: QueueServiceClient, settings: dict[str, str]
) -> None:
    poison = await account.create_queue(f"host-{uuid4().hex}-poison")
    tried = asyncio.Event()

    def fail(_: func.QueueMessage) -> None:
        tried.set()
        raise RuntimeError

    add_consumer(app, fail, poison.queue_name)
    served = await serve(app, settings=settings, host_json=plain_text())
    await poison.send_message("bad")
    await asyncio.wait_for(tried.wait(), 10)
    await served.host.stop()
    assert (await texts(poison), await count(poison)) == (set(), 1)
    assert [each.name async for each in account.list_queues(name_starts_with=poison.queue_name)] == [poison.queue_name]


async def test_a_missing_queue_is_not_made_but_found_when_it_appears(
    serve: Serve, app: func.FunctionApp, account: QueueServiceClient, settings: dict[str, str]
) -> None:
    arrived: asyncio.Queue[func.QueueMessage] = asyncio.Queue()
    name = f"host-{uuid4().hex}"
    add_consumer(app, arrived.put_nowait, name)
    await serve(app, settings=settings, host_json=plain_text())
    queue = account.get_queue_client(name)
    with pytest.raises(ResourceNotFoundError):
        await queue.send_message("early")
    await queue.create_queue()
    await queue.send_message("found")
    assert (await asyncio.wait_for(arrived.get(), 10)).get_body() == b"found"


async def test_at_most_a_batch_and_the_threshold_run_side_by_side(
    serve: Serve, app: func.FunctionApp, queue: QueueClient, settings: dict[str, str]
) -> None:
    running = peak = 0
    done: asyncio.Queue[None] = asyncio.Queue()

    async def work(_: func.QueueMessage) -> None:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(0.05)
        running -= 1
        done.put_nowait(None)

    add_consumer(app, work)
    for number in range(16):
        await queue.send_message(str(number))
    options = plain_text(batchSize=4, newBatchThreshold=2)
    served = await serve(app, settings=settings, host_json=options)
    async with asyncio.timeout(10):
        for _ in range(16):
            await done.get()
    await served.host.stop()
    assert 4 <= peak <= 6
    assert await count(queue) == 0


async def test_a_long_run_keeps_its_lease(
    serve: Serve, app: func.FunctionApp, queue: QueueClient, settings: dict[str, str]
) -> None:
    runs: list[int | None] = []
    done = asyncio.Event()

    async def work(message: func.QueueMessage) -> None:
        runs.append(message.dequeue_count)
        await asyncio.sleep(3)
        done.set()

    add_consumer(app, work)
    served = await serve(app, settings=settings, host_json=plain_text(), queue_lease=1)
    await queue.send_message("long")
    await asyncio.wait_for(done.wait(), 10)
    await served.host.stop()
    assert runs == [1]
    assert await count(queue) == 0


async def test_a_run_cut_off_by_the_stop_comes_back_when_its_lease_ends(
    serve: Serve, app: func.FunctionApp, queue: QueueClient, settings: dict[str, str]
) -> None:
    began = asyncio.Event()

    async def work(_: func.QueueMessage) -> None:
        began.set()
        await asyncio.Event().wait()

    add_consumer(app, work)
    served = await serve(app, settings=settings, host_json=plain_text(), queue_lease=2, grace=0.1)
    await queue.send_message("cut off")
    await asyncio.wait_for(began.wait(), 10)
    await served.host.stop()
    await await_texts(queue, {"cut off"})
