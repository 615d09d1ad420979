"""Totals of many processes: exact, whatever happens to Redis and to its answers."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from shared.kernel.values import ActorKind
from shared.platform.cache import Cache
from shared.platform.call_audit import CallRecord
from shared.platform.counting import Metrics, count_call, timed
from shared.platform.metrics import (
    AI_COST,
    BREAKERS_OPEN,
    CACHE_REQUESTS,
    FUNCTION_SECONDS,
    LOCK_WAIT_SECONDS,
    PROCESSES,
    SUM,
    State,
)
from tests.shared.platform.line import Line
from tests.shared.platform.offline import offline
from tests.waiting import eventually

MAX_FOR_A_CALL = 0.0003  # seconds of this processor

type Start = Callable[..., Metrics]


def idle() -> State:
    return {}


@pytest.fixture
def label() -> str:
    """Tests share totals: each counts under a label of its own."""
    return uuid4().hex


@pytest.fixture
async def start(redis_url: str) -> AsyncIterator[Start]:
    """Counts of as many processes as a test begins."""
    async with AsyncExitStack() as running:

        def begin(url: str = redis_url, state: Callable[[], State] = idle) -> Metrics:
            cache = Cache(offline(REDIS_URL=url), timeout=2)
            metrics = Metrics(cache, uuid4().hex, state)
            running.push_async_callback(cache.close)
            running.push_async_callback(metrics.close)
            return metrics

        yield begin


@pytest.fixture
async def line(redis_url: str) -> AsyncIterator[Line]:
    found = Line(urlsplit(redis_url).port or 0)
    yield found
    await found.cut()


def through(redis_url: str, line: Line) -> str:
    return redis_url.replace(f":{urlsplit(redis_url).port}", f":{line.port}")


async def total(metrics: Metrics, *series: str) -> int:
    found = await metrics.totals()
    assert found is not None
    return found.counts.get(series, 0)


async def test_what_several_processes_count_adds_up(start: Start, label: str) -> None:
    processes = [start() for _ in range(3)]
    for number, one in enumerate(processes, start=1):
        for _ in range(number):
            one.add(CACHE_REQUESTS, label, "hit")
        assert await one.flush()
    assert await total(processes[0], CACHE_REQUESTS.name, label, "hit") == 6


async def test_counts_go_out_by_themselves(start: Start, label: str) -> None:
    ours, other = start(), start()
    ours.add(CACHE_REQUESTS, label, "hit")

    async def is_there() -> bool:
        return await total(other, CACHE_REQUESTS.name, label, "hit") == 1

    await eventually(is_there)


async def test_a_process_that_closes_leaves_its_last_counts(start: Start, label: str) -> None:
    ours, other = start(), start()
    ours.add(CACHE_REQUESTS, label, "hit")
    await ours.close()
    assert await total(other, CACHE_REQUESTS.name, label, "hit") == 1


async def test_counts_wait_for_redis(start: Start, line: Line, redis_url: str, label: str) -> None:
    ours, other = start(through(redis_url, line)), start()
    for _ in range(2):
        ours.add(CACHE_REQUESTS, label, "hit")
        assert not await ours.flush()
        assert await ours.totals() is None
    await line.mend()
    await eventually(ours.flush)
    await ours.close()
    assert await total(other, CACHE_REQUESTS.name, label, "hit") == 2


async def test_a_batch_whose_answer_is_lost_counts_once(start: Start, line: Line, redis_url: str, label: str) -> None:
    ours, other = start(through(redis_url, line)), start()
    await line.mend()
    assert await ours.flush()  # is connected now
    line.swallows_answers = True
    ours.add(CACHE_REQUESTS, label, "hit")
    assert not await ours.flush()
    assert await total(other, CACHE_REQUESTS.name, label, "hit") == 1

    ours.add(CACHE_REQUESTS, label, "hit")
    line.swallows_answers = False
    await eventually(ours.flush)
    await ours.close()
    assert await total(other, CACHE_REQUESTS.name, label, "hit") == 2


async def test_reports_at_one_moment_take_turns(start: Start, label: str) -> None:
    ours = start()

    async def count() -> None:
        ours.add(CACHE_REQUESTS, label, "hit")
        await ours.flush()

    await asyncio.gather(*(count() for _ in range(20)))
    assert await total(ours, CACHE_REQUESTS.name, label, "hit") == 20


async def test_dollars_add_up_without_rounding(start: Start, label: str) -> None:
    ours = start()
    for _ in range(10):
        ours.add(AI_COST, label, amount=0.000_000_1)
        await ours.flush()
    assert await total(ours, AI_COST.name, label) == 1_000


async def test_durations_are_in_their_bucket_and_their_sum(start: Start, label: str) -> None:
    ours = start()
    for seconds in (0.0, 0.025, 0.026, 1_000):
        ours.observe(LOCK_WAIT_SECONDS, label, "taken", seconds=seconds)
    await ours.flush()
    for place, count in {"0": 2, "1": 1, "11": 1, SUM: 1_000_051_000}.items():
        assert await total(ours, LOCK_WAIT_SECONDS.name, label, "taken", place) == count


async def test_runs_are_counted_by_whether_they_raised(start: Start, label: str) -> None:
    ours = start()
    with timed(ours, label):
        pass
    with pytest.raises(ValueError, match="broken"), timed(ours, label):
        raise ValueError("broken")
    await ours.flush()
    found = await ours.totals()
    assert found is not None
    runs = {series[2:]: count for series, count in found.counts.items() if series[:2] == (FUNCTION_SECONDS.name, label)}
    assert {result: count for (result, place), count in runs.items() if place != SUM} == {"failed": 1, "succeeded": 1}


async def test_processes_at_work_say_how_they_are(start: Start, label: str) -> None:
    states: tuple[State, ...] = ({BREAKERS_OPEN: {(label,): 1}}, {BREAKERS_OPEN: {(label,): 2}})
    processes = [start(state=lambda state=state: state) for state in states]
    for one in (*processes, processes[0]):
        await one.flush()
    found = await processes[0].totals()
    assert found is not None
    assert [reading.value for reading in found.readings if reading.labels == (label,)] == [3]
    assert next(reading.value for reading in found.readings if reading.gauge is PROCESSES) >= 2


def a_call(number: int) -> CallRecord:
    return CallRecord(
        at=datetime(2026, 11, 22, tzinfo=UTC),
        tenant_id=None,
        project_id=None,
        actor_kind=ActorKind.ANONYMOUS,
        actor_id=None,
        actor_name="",
        method="GET",
        route=f"of-a-test/{number % 50}",
        path="of-a-test",
        operation="of_a_test",
        status=200,
        duration_ms=number % 700,
        address="",
        request_id="",
        trace_id="",
    )


async def test_a_call_costs_less_than_a_third_of_a_millisecond_with_all_that_follows(start: Start) -> None:
    ours, calls = start(), [a_call(number) for number in range(5_000)]
    began = time.process_time()
    for at, call in enumerate(calls, start=1):
        count_call(ours, call)
        if at % 100 == 0:  # as of a process that answers a hundred calls a second
            await ours.flush()
    assert (time.process_time() - began) / len(calls) < MAX_FOR_A_CALL
