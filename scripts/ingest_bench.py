"""How fast alerts come in: webhooks of every mode against a stack that loses nothing, beside what the machine gives.

All cases and floors take turns in every round, in another order each time, so that a noisy machine meets all of them.
What counts is their ratio; absolute figures are the machine's.
"""

import asyncio
import os
import platform
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from statistics import mean, median
from typing import Final
from uuid import uuid4

import psutil

from scripts.devstack.ports import free_port
from scripts.devstack.postgres_user import postgres_user
from scripts.load.floors import CLIENTS, Upserts, launch_bare
from scripts.load.notifications import ALERTS_OF_POST, Mode, known_before, render
from scripts.load.poster import Posted, Target, post_all
from scripts.load.processes import Meter, is_idle
from scripts.load.served import served

CONNECTIONS: Final = (1, CLIENTS, 64)
ROUNDS: Final = 3
SINGLES: Final = 3_000
LIMITS: Final[Mapping[str, tuple[str, float]]] = {
    "unique / upserts": ("at least", 0.25),
    "unique / bare function": ("at least", 0.45),
    "batch / upserts, 50 a transaction": ("at least", 0.60),
    "CPU s per 1000, unique": ("at most", 0.8),
    "CPU s per 1000, duplicate": ("at most", 0.8),
    "CPU s per 1000, batch": ("at most", 0.15),
    "p99 ms, unique": ("at most", 60),
}
"""What is wanted at 16 connections, host and PostgreSQL together."""

_FLOOR_SECONDS: Final = 3.0
_SETTLE_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 240
_UPSERTS: Final = "upserts"
_UPSERTS_OF_BATCH: Final = "upserts, 50 a transaction"
_BARE: Final = "bare function"


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of load."""

    mode: Mode
    connections: int

    @property
    def name(self) -> str:
        return f"{self.mode} x{self.connections}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much to measure: alerts of a case, ten times as many where a post brings several; turns of each; the time of
    a floor by pgbench, in seconds.
    """

    singles: int
    rounds: int
    floor_seconds: float = _FLOOR_SECONDS


QUICK: Final = Effort(singles=100, rounds=1, floor_seconds=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one case: medians over its rounds. Latencies in milliseconds, of accepted posts.

    `queued` are posts whose alerts went to the queue, because the database did not answer in time. `cpu` are seconds
    per 1,000 alerts by process, with all that they did behind the answers. `generator` is the share of a core that
    posting took: near 1 it, and not the receiver, was the limit.
    """

    case: str
    rounds: int
    alerts: int
    alerts_per_second: float
    p50: float
    p95: float
    p99: float
    cpu: Mapping[str, float]
    failures: Mapping[str, int]
    queued: int
    generator: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All of a run. `ratios` are of one run and so worth comparing; `floors` are rows or posts a second."""

    machine: Mapping[str, str | int]
    cases: Sequence[Figures]
    floors: Mapping[str, float]
    ratios: Mapping[str, float]
    missed: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    posted: Posted
    alerts: int
    cpu: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """What is measured: where it takes notifications, and the processes whose CPU time is counted."""

    target: Target
    pids: Mapping[str, int]


type Floors = Mapping[str, Callable[[], Awaitable[float]]]


async def run(cases: Sequence[Case], effort: Effort) -> Report:
    """Measure the product on a stack of its own."""
    async with _product(effort) as (receiver, floors):
        return await measure(receiver, cases, floors, effort)


async def measure(receiver: Receiver, cases: Sequence[Case], floors: Floors, effort: Effort) -> Report:
    """Let cases and floors take turns; without floors for a receiver that is somewhere else."""
    measured: defaultdict[Case, list[_Measured]] = defaultdict(list)
    given: defaultdict[str, list[float]] = defaultdict(list)
    turns: list[Case | str] = [*cases, *floors]
    await post_all(receiver.target, render(Mode.UNIQUE, alerts=CLIENTS, tag=_tag(), began=_now()), connections=1)
    for number in range(effort.rounds):
        start = number * len(turns) // effort.rounds
        for turn in chain(turns[start:], turns[:start]):
            _say(f"round {number + 1} of {effort.rounds}: {turn if isinstance(turn, str) else turn.name}")
            if isinstance(turn, Case):
                measured[turn].append(await _measure(receiver, turn, effort.singles))
            else:
                given[turn].append(await floors[turn]())
    figures = [_figures(case, measured[case]) for case in cases]
    at_most = {name: round(median(found), 1) for name, found in given.items()}
    found = ratios({one.case: one for one in figures}, at_most)
    return Report(
        machine=_machine(),
        cases=figures,
        floors=at_most,
        ratios=found,
        missed=[name for name, value in found.items() if _misses(name, value)],
    )


async def _measure(receiver: Receiver, case: Case, singles: int) -> _Measured:
    size = ALERTS_OF_POST[case.mode]
    alerts = singles if size == 1 else singles * 10 // size * size
    tag, began = _tag(), _now()
    await post_all(receiver.target, known_before(case.mode, tag=tag, began=began), connections=CLIENTS)
    bodies = render(case.mode, alerts=alerts, tag=tag, began=began)
    await _settled(receiver.pids)
    meter = Meter(receiver.pids)
    posted = await post_all(receiver.target, bodies, connections=case.connections)
    await _settled(receiver.pids)
    return _Measured(posted=posted, alerts=len(posted.latencies) * size, cpu=meter.read())


async def _settled(pids: Mapping[str, int]) -> None:
    """Wait until what answers left to do is done: events carried, calls audited, incidents looked at."""
    if not pids:
        return
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            meter = Meter(pids)
            await asyncio.sleep(_SETTLE_SECONDS)
            if is_idle(meter, _SETTLE_SECONDS):
                return


def _figures(case: Case, rounds: Sequence[_Measured]) -> Figures:
    latencies = sorted(chain.from_iterable(one.posted.latencies for one in rounds))
    failures = sum((Counter(one.posted.failures) for one in rounds), Counter[str]())
    alerts = sum(one.alerts for one in rounds)
    return Figures(
        case=case.name,
        rounds=len(rounds),
        alerts=alerts,
        alerts_per_second=round(median(one.alerts / one.posted.seconds for one in rounds), 1),
        p50=_percentile(latencies, 0.5),
        p95=_percentile(latencies, 0.95),
        p99=_percentile(latencies, 0.99),
        cpu={
            name: round(median(1_000 * one.cpu[name] / max(one.alerts, 1) for one in rounds), 3)
            for name in rounds[0].cpu
        },
        failures=dict(failures),
        queued=sum(one.posted.queued for one in rounds),
        generator=round(mean(one.posted.generator_cpu / one.posted.seconds for one in rounds), 2),
    )


def _percentile(ordered: Sequence[float], share: float) -> float:
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1_000, 2) if ordered else 0.0


def ratios(cases: Mapping[str, Figures], floors: Mapping[str, float]) -> dict[str, float]:
    """Return what `LIMITS` are about, as far as it was measured."""
    unique, duplicate, batch = (cases.get(f"{mode} x{CLIENTS}") for mode in (Mode.UNIQUE, Mode.DUPLICATE, Mode.BATCH))
    found: dict[str, float] = {}
    for one, floor in ((unique, _UPSERTS), (unique, _BARE), (batch, _UPSERTS_OF_BATCH)):
        if one and floor in floors:
            found[f"{one.case.split()[0]} / {floor}"] = round(one.alerts_per_second / floors[floor], 3)
    for one in (unique, duplicate, batch):
        if one and one.cpu:
            found[f"CPU s per 1000, {one.case.split()[0]}"] = round(sum(one.cpu.values()), 3)
    if unique:
        found["p99 ms, unique"] = unique.p99
    return found


def _misses(name: str, value: float) -> bool:
    word, limit = LIMITS[name]
    return value < limit if word == "at least" else value > limit


def _machine() -> dict[str, str | int]:
    return {
        "cores": os.cpu_count() or 0,
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0]),
    }


@asynccontextmanager
async def _product(effort: Effort) -> AsyncIterator[tuple[Receiver, Floors]]:
    """Start the product with the settings that keep data, and what it is compared with."""
    async with served(durable=True) as product:
        bare = launch_bare(product.state, port=free_port())
        try:
            bare.await_ready()
            upserts = Upserts(product.addresses.owner_database, postgres_user(), product.state.root)
            await upserts.prepare()
            pids = {name: product.pids[name] for name in ("host", "postgres")}
            yield Receiver(target=product.target, pids=pids), _floors(upserts, Target(bare.url, ""), effort)
        finally:
            bare.stop()


def _floors(upserts: Upserts, bare: Target, effort: Effort) -> Floors:
    async def bare_posts() -> float:
        bodies = render(Mode.UNIQUE, alerts=2 * effort.singles, tag=_tag(), began=_now())
        posted = await post_all(bare, bodies, connections=CLIENTS)
        return len(posted.latencies) / posted.seconds

    return {
        _UPSERTS: lambda: upserts.rows_per_second(rows=1, seconds=effort.floor_seconds),
        _UPSERTS_OF_BATCH: lambda: upserts.rows_per_second(
            rows=ALERTS_OF_POST[Mode.BATCH], seconds=effort.floor_seconds
        ),
        _BARE: bare_posts,
    }


def _tag() -> str:
    return uuid4().hex[:10]


def _now() -> datetime:
    return datetime.now(UTC)


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def table(report: Report) -> str:
    """Return a report for people."""
    lines = [f"{'':<16}{'alerts/s':>10}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}   CPU s per 1000 alerts"]
    for one in report.cases:
        cpu = ", ".join(f"{name} {seconds:.3f}" for name, seconds in one.cpu.items())
        told = f"   queued: {one.queued}" if one.queued else ""
        told += f"   failed: {dict(one.failures)}" if one.failures else ""
        lines.append(
            f"{one.case:<16}{one.alerts_per_second:>10,.0f}{one.p50:>9.1f}{one.p95:>9.1f}{one.p99:>9.1f}   {cpu}{told}"
        )
    lines += [f"{name:<34}{rate:>10,.0f} a second" for name, rate in report.floors.items()]
    for name, value in report.ratios.items():
        word, limit = LIMITS[name]
        lines.append(f"{name:<34}{value:>10.3f} ({word} {limit} wanted{', missed' if name in report.missed else ''})")
    return "\n".join(lines)
