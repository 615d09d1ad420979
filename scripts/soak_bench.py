"""Whether anything grows that should not: the whole product under half its load, for as long as one likes.

Alerts come in as storms, of one tenant after another, and people open, read, take over and settle incidents meanwhile.
What is looked at: memory, open files and threads of every process, connections of PostgreSQL, messages on the queues,
events not yet carried on.
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import count, cycle
from statistics import linear_regression, mean
from typing import Any, Final
from uuid import uuid4

import aiohttp
import psutil
import psycopg
from azure.storage.queue.aio import QueueServiceClient

from scripts.devstack.demo_tenant import bearer
from scripts.load.notifications import ALERTS_OF_POST, Mode, render
from scripts.load.poster import Target, post_all
from scripts.load.served import Served, served
from scripts.logins import person
from scripts.proof.chaos.rest import left, until_rest

MEMORY_LIMIT_MB: Final = 60
"""How much an hour a process may grow: what comes of caches that fill is less, and a leak at this load is more."""
COUNT_LIMIT: Final = 30
COUNT_SHARE: Final = 0.1
"""How many more files, threads, connections or messages there may be late than early: this many, and a tenth."""
_UNJUDGED: Final = frozenset({"azurite"})  # it keeps the tables of the audit in memory, and stands for a service

_CONNECTIONS: Final = 16
_SHARE: Final = 0.5
_FLAT_OUT_POSTS: Final = 1_500
_FLAT_OUT_SECONDS: Final = 240
_SAMPLE_SECONDS: Final = 5.0
_ROUND_SECONDS: Final = 30.0
_TENANTS: Final = 20  # for each call that Azurite stores, it looks through all of a tenant's day
_VISIT_SECONDS: Final = 5.0
_CARRYING: Final = ("events", "notifications")  # with the queues, what an alert sets off at once; cheap to count
_MEGABYTE: Final = 1_000_000
_CONNECTED: Final = "select count(*) from pg_stat_activity where datname = current_database()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look. `memory` is each process tree's own, in megabytes; `counts` has all else, by name."""

    seconds: float
    memory: Mapping[str, float]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """How a figure went after the first third of a run: means early and late in that time, and the slope an hour."""

    name: str
    early: float
    late: float
    hourly: float
    grows: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Soak:
    """A whole run. `alerts_per_second` is half of `flat_out`, the rate at which one tenant's alerts are carried.

    `answers` counts people's calls by status.
    """

    minutes: float
    flat_out: float
    alerts_per_second: float
    alerts: int
    failures: Mapping[str, int]
    answers: Mapping[str, int]
    trends: Sequence[Trend]


@dataclass(slots=True)
class _Load:
    alerts: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)


async def run(*, minutes: float) -> Soak:
    """Find out what the product takes, then give it half of that for `minutes`."""
    async with served(durable=True) as product:
        flat_out, senders = await _flat_out(product), await _senders(product)
        rate, load, samples = flat_out * _SHARE, _Load(), list[Sample]()
        ends = time.monotonic() + 60 * minutes
        async with _looking(product, samples):
            await asyncio.gather(_post(senders, rate, ends, load), _visit(product, ends, load))
    return Soak(
        minutes=minutes,
        flat_out=round(flat_out, 1),
        alerts_per_second=round(rate, 1),
        alerts=load.alerts,
        failures=dict(load.failures),
        answers=dict(load.answers),
        trends=trends(samples),
    )


async def _flat_out(product: Served) -> float:
    """Return how many alerts a second are carried, and not only answered. Raises `TimeoutError`."""
    began = time.monotonic()
    posted = await post_all(product.target, _storm(_FLAT_OUT_POSTS), connections=_CONNECTIONS)
    async with await psycopg.AsyncConnection.connect(product.addresses.owner_database, autocommit=True) as owner:
        left_over = await until_rest(owner, product.addresses.storage, seconds=_FLAT_OUT_SECONDS, kinds=_CARRYING)
    if left_over:
        raise TimeoutError(f"not done {_FLAT_OUT_SECONDS} s after {_FLAT_OUT_POSTS} posts: {left_over}")
    return len(posted.latencies) * ALERTS_OF_POST[Mode.STORM] / (time.monotonic() - began)


def _storm(posts: int) -> list[bytes]:
    alerts = posts * ALERTS_OF_POST[Mode.STORM]
    return render(Mode.STORM, alerts=alerts, tag=uuid4().hex[:10], began=datetime.now(UTC))


async def _senders(product: Served) -> list[Target]:
    """Make tenants, and return where each one's AlertManager posts."""
    found = []
    async with aiohttp.ClientSession(raise_for_status=True) as http:
        for _ in range(_TENANTS):
            async with http.post(f"{product.url}/auth/register", json=person(f"{uuid4().hex}@example.com")) as answer:
                headers = bearer((await answer.json())["access_token"])
            sender = {"name": "AlertManager", "kind": "alertmanager"}
            async with http.post(f"{product.url}/integrations", json=sender, headers=headers) as answer:
                found.append(Target(product.target.url, (await answer.json())["token"]))
    return found


async def _post(senders: Sequence[Target], rate: float, ends: float, load: _Load) -> None:
    posts_a_second = rate / ALERTS_OF_POST[Mode.STORM]
    for sender in cycle(senders):
        if time.monotonic() >= ends:
            return
        bodies = _storm(round(posts_a_second * min(_ROUND_SECONDS, ends - time.monotonic())))
        posted = await post_all(sender, bodies, connections=_CONNECTIONS, rate=posts_a_second)
        load.alerts += len(posted.latencies) * ALERTS_OF_POST[Mode.STORM]
        load.failures.update(posted.failures)


async def _visit(product: Served, ends: float, load: _Load) -> None:
    """Open an incident, look around, take it over and settle it: each five seconds, as far as the machine keeps up."""
    async with aiohttp.ClientSession(headers=product.headers) as http:
        for number in count():
            if time.monotonic() >= ends:
                return
            due = time.monotonic() + _VISIT_SECONDS
            await _live_one(_Caller(http, product.url, load), number)
            await asyncio.sleep(max(0.0, due - time.monotonic()))


@dataclass(frozen=True, slots=True)
class _Caller:
    http: aiohttp.ClientSession
    url: str
    load: _Load

    async def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        async with self.http.request(method, f"{self.url}/{path}", json=body) as answer:
            self.load.answers[str(answer.status)] += 1
            return await answer.json() if answer.status < HTTPStatus.BAD_REQUEST else {}


async def _live_one(call: _Caller, number: int) -> None:
    title = {
        "title": f"Checkout is slow, report {number}",
        "severity": "high",
        "service_name": f"service-{number % 50}",
    }
    incident = (await call("POST", "incidents", title)).get("id")
    await call("GET", "incidents?open=true")
    await call("GET", f"incidents?q=report {number}")
    if incident:
        for part in ("", "/timeline", "/alerts", "/hypotheses", "/similar"):
            await call("GET", f"incidents/{incident}{part}")
        for state in ("acknowledged", "investigating", "resolved"):
            note = {"note": "It was the pool."} if state == "resolved" else {}
            await call("POST", f"incidents/{incident}/transitions", {"to": state, **note})


@asynccontextmanager
async def _looking(product: Served, samples: list[Sample]) -> AsyncIterator[None]:
    """Take a sample every few seconds for as long as the body runs."""
    task = asyncio.create_task(_look(product, samples))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _look(product: Served, samples: list[Sample]) -> None:
    began = time.monotonic()
    async with (
        await psycopg.AsyncConnection.connect(product.addresses.owner_database, autocommit=True) as owner,
        QueueServiceClient.from_connection_string(product.addresses.storage) as queues,
    ):
        while True:
            trees = {name: await asyncio.to_thread(_tree, pid) for name, pid in product.pids.items()}
            row = await (await owner.execute(_CONNECTED)).fetchone()
            work = await left(owner, queues, _CARRYING)
            samples.append(
                Sample(
                    seconds=time.monotonic() - began,
                    memory={name: memory for name, (memory, _, _) in trees.items()},
                    counts={
                        **{f"files of {name}": files for name, (_, files, _) in trees.items()},
                        **{f"threads of {name}": threads for name, (_, _, threads) in trees.items()},
                        "connections to PostgreSQL": row[0] if row else 0,
                        "messages on queues": sum(n for kind, n in work.items() if kind.startswith("messages")),
                        "events to carry": work.get("events to relay or to finish", 0),
                    },
                )
            )
            _say(samples[-1])
            await asyncio.sleep(_SAMPLE_SECONDS)


def _tree(pid: int) -> tuple[float, int, int]:
    """Return megabytes that no other process shares, open files and threads, of a process with its children."""
    memory, files, threads = 0.0, 0, 0
    root = psutil.Process(pid)
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            memory += process.memory_full_info().uss / _MEGABYTE
            files += process.num_fds()
            threads += process.num_threads()
    return memory, files, threads


def trends(samples: Sequence[Sample]) -> list[Trend]:
    """Say how each figure went once what fills at the start had filled: after the first third of the run."""
    settled = samples[len(samples) // 3 :]
    if len(settled) < 2:  # noqa: PLR2004 - a slope has two ends
        return []
    seconds = [one.seconds for one in settled]
    memory = [
        _trend(f"memory of {name}, MB", seconds, [one.memory[name] for one in settled]) for name in settled[0].memory
    ]
    counts = [_trend(name, seconds, [one.counts[name] for one in settled]) for name in settled[0].counts]
    return memory + counts


def _trend(name: str, seconds: Sequence[float], values: Sequence[float]) -> Trend:
    third = max(1, len(values) // 3)
    early, late = mean(values[:third]), mean(values[-third:])
    hourly = linear_regression(seconds, values).slope * 3_600
    is_memory = name.startswith("memory")
    grows = hourly > MEMORY_LIMIT_MB if is_memory else late - early > COUNT_LIMIT + COUNT_SHARE * early
    is_judged = not any(one in name for one in _UNJUDGED)
    return Trend(
        name=name, early=round(early, 1), late=round(late, 1), hourly=round(hourly, 1), grows=grows and is_judged
    )


def misses(found: Soak) -> bool:
    """Whether anything grows, or any alert was not taken."""
    return bool(found.failures) or not found.trends or any(one.grows for one in found.trends)


def _say(sample: Sample) -> None:
    host = f"host {sample.memory['host']:.0f} MB, {sample.counts['files of host']} files"
    waiting = f"{sample.counts['messages on queues']} messages, {sample.counts['events to carry']} events waiting"
    print(f"  {sample.seconds / 60:5.1f} min  {host}, {waiting}", file=sys.stderr, flush=True)


def table(found: Soak) -> str:
    """Return the figures for people."""
    load = f"{found.alerts:,} alerts in {found.minutes:g} min, {found.alerts_per_second:,.0f} a second"
    lines = [f"{load} (half of {found.flat_out:,.0f}); people's calls: {dict(found.answers)}"]
    lines += [f"posts that failed: {dict(found.failures)}"] if found.failures else []
    lines.append(f"{'':<32}{'early':>10}{'late':>10}{'an hour':>10}")
    for one in found.trends:
        mark = "   grows" if one.grows else ""
        lines.append(f"{one.name:<32}{one.early:>10,.1f}{one.late:>10,.1f}{one.hourly:>+10,.1f}{mark}")
    return "\n".join(lines)
