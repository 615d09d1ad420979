"""How the counts of many processes become totals.

Each process adds up what it did and sends that to Redis about once a second, never while somebody waits for an answer.
Whoever is asked reads the totals there, so they are right behind one address with any number of instances. While Redis
is away counts wait in the process; a batch has a number, by which Redis knows one that is sent again because its answer
was lost.
"""

import asyncio
import json
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from shared.platform.cache import Cache
from shared.platform.call_audit import CallRecord
from shared.platform.metrics import (
    ALIVE_SECONDS,
    AUDIT_WAITING,
    BREAKERS_OPEN,
    FUNCTION_SECONDS,
    HTTP_REQUESTS,
    HTTP_SECONDS,
    POOL_CONNECTIONS,
    PROCESSES,
    SUM,
    Counter,
    Histogram,
    Reading,
    Series,
    State,
)

FLUSH_SECONDS: Final = 1.0
_MAX_PAUSE: Final = 15.0
_CLOSE_SECONDS: Final = 3.0
_REMEMBERED_SECONDS: Final = 24 * 60 * 60  # longer than any process tries again

# What a process reports replaces what it reported before. A batch that came before is not added again.
_REPORT: Final = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do
  redis.call('ZREM', KEYS[2], gone)
  redis.call('HDEL', KEYS[3], gone)
end
redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
redis.call('HSET', KEYS[3], ARGV[1], ARGV[3])
local number = tonumber(ARGV[4])
if number > tonumber(redis.call('GET', KEYS[4]) or '0') then
  redis.call('SET', KEYS[4], ARGV[4], 'EX', ARGV[5])
  for i = 6, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
return number
"""
_TOTALS: Final = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local states = {}
for _, alive in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], now, '+inf')) do
  states[#states + 1] = redis.call('HGET', KEYS[3], alive)
end
return {redis.call('HGETALL', KEYS[1]), states}
"""
# Braces: a cluster keeps keys with one word in them together, and a script needs that.
_KEYS: Final = ("{metrics}:totals", "{metrics}:alive", "{metrics}:states")


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What all processes have counted, in steps, and how those at work are."""

    counts: Mapping[Series, int]
    readings: tuple[Reading, ...]


class Metrics:
    """The counts of one process. `state` tells how its own parts are; it is asked with each report."""

    def __init__(self, cache: Cache, instance: str, state: Callable[[], State]) -> None:
        self._cache = cache
        self._instance = instance
        self._state = state
        self._counts: defaultdict[Series, int] = defaultdict(int)
        self._sending: Mapping[Series, int] = {}
        self._number = 0
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def add(self, counter: Counter, *labels: str, amount: float = 1) -> None:
        """Count. Returns at once, and cannot fail."""
        self._counts[counter.name, *labels] += round(amount * counter.steps)
        self._wake()

    def observe(self, histogram: Histogram, *labels: str, seconds: float) -> None:
        """Count a duration."""
        place = str(bisect_left(histogram.buckets, seconds))
        self._counts[histogram.name, *labels, place] += 1
        self._counts[histogram.name, *labels, SUM] += round(seconds * histogram.steps)
        self._wake()

    async def flush(self) -> bool:
        """Send what was counted, and say whether Redis took it."""
        async with self._turn:
            if not self._sending:
                self._sending, self._counts = self._counts, defaultdict(int)
                self._number += 1
            counts = [part for series, count in self._sending.items() for part in (json.dumps(series), count)]
            state = json.dumps([[gauge.name, list(found.items())] for gauge, found in self._state().items()])
            head = (self._instance, ALIVE_SECONDS, state, self._number, _REMEMBERED_SECONDS)
            taken = await self._cache.run(_REPORT, [*_KEYS, f"{{metrics}}:batch:{self._instance}"], [*head, *counts])
            if taken is not None:
                self._sending = {}
            return taken is not None

    async def totals(self) -> Totals | None:
        """Return what all processes have counted; None when Redis does not answer."""
        found = await self._cache.run(_TOTALS, list(_KEYS), [])
        if found is None:
            return None
        fields, states = found
        counts = {tuple(json.loads(field)): int(count) for field, count in zip(fields[::2], fields[1::2], strict=True)}
        return Totals(counts=counts, readings=_summed([json.loads(state) for state in states]))

    async def close(self) -> None:
        """Send what is left, as far as Redis takes it within three seconds."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                # What was being sent when the task ended goes first, under its own number, and then the rest.
                while (self._sending or self._counts) and await self.flush():
                    pass

    def _wake(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        pause = FLUSH_SECONDS
        while self._sending or self._counts:
            await asyncio.sleep(pause)
            pause = FLUSH_SECONDS if await self.flush() else min(2 * pause, _MAX_PAUSE)


def count_call(metrics: Metrics, call: CallRecord) -> None:
    """Count an answered call of the API."""
    metrics.add(HTTP_REQUESTS, call.method, call.route, str(call.status))
    metrics.observe(HTTP_SECONDS, call.method, call.route, f"{call.status // 100}xx", seconds=call.duration_ms / 1_000)


@contextmanager
def timed(metrics: Metrics, function: str) -> Iterator[None]:
    """Count a run of a function that nobody waits for, and whether it raised."""
    began = time.perf_counter()
    result = "failed"
    try:
        yield
        result = "succeeded"
    finally:
        metrics.observe(FUNCTION_SECONDS, function, result, seconds=time.perf_counter() - began)


_OF_PROCESSES: Final = {gauge.name: gauge for gauge in (POOL_CONNECTIONS, BREAKERS_OPEN, AUDIT_WAITING)}


def _summed(states: list[Any]) -> tuple[Reading, ...]:
    """Return how many processes there are, and the sums of what each says of itself; others' versions may say more."""
    found: defaultdict[tuple[str, tuple[str, ...]], float] = defaultdict(float)
    for state in states:
        for name, values in state:
            for labels, value in values:
                found[name, tuple(labels)] += value
    sums = (Reading(_OF_PROCESSES[name], value, at) for (name, at), value in found.items() if name in _OF_PROCESSES)
    return (Reading(PROCESSES, len(states)), *sums)
