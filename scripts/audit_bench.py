"""What the audit costs: a call with and without it, and a file of a million entries.

Calls with and without the audit take turns in blocks, so that a noisy machine meets both alike. Its work behind the
callers' backs is counted too: a block ends when all of its entries are in the tables.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from resource import getpagesize
from statistics import linear_regression, median
from typing import Final
from urllib.parse import unquote, urlsplit

from scripts.proof.functions import Functions
from scripts.proof.scratch import scratch_world
from scripts.proof.timing import p95
from scripts.proof.world import World
from shared.platform.call_audit import CallAudit, CallRecord

LIMIT: Final = 1.15
"""What a call may take with the audit, as a multiple of what it takes without."""
GROWTH_LIMIT_MB: Final = 16
"""How much more memory a process may have at the end of an export than after a quarter of it."""

_OWNER: Final = "owner key"  # which no session's end stops
_POLL_SECONDS: Final = 0.01
_PATIENCE_SECONDS: Final = 60
_ROWS_OF_INSERT: Final = 100_000
_MEGABYTE: Final = 1_000_000
_INSERT: Final = """
insert into event_log (tenant_id, id, project_id, type, subject_id, at, actor_kind, actor_name, changes, due_at)
select tenant_id, gen_random_uuid(), id, 'service.updated', gen_random_uuid(),
    now() - interval '1 minute' - n * interval '1 second', 'user', 'Ann',
    jsonb_build_object('description', jsonb_build_array('before ' || n, 'after ' || n)), null
from projects, generate_series(%(first)s::int, %(last)s::int) n where id = %(project)s
"""


class Unaudited(CallAudit):
    """Takes records and keeps none."""

    def record(self, call: CallRecord) -> None:
        del call


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Of a call: the time that its caller waits, and the CPU time of the process, all in milliseconds."""

    p50: float
    p95: float
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Calls with and without the audit. The ratios are medians of pairs of neighbouring blocks."""

    calls: int
    audited: Costs
    unaudited: Costs
    time_ratio: float
    cpu_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A whole export. Memory is the process' own, in megabytes; `growth_mb` is what it has more of in the end than
    after a quarter, and `slope_kb` what it gains with each part of the last three quarters.
    """

    format: str
    rows: int
    parts: int
    megabytes: float
    seconds: float
    first_mb: float
    highest_mb: float
    last_mb: float
    growth_mb: float
    slope_kb: float


@dataclass(frozen=True, slots=True)
class _Block:
    seconds: Sequence[float]
    cpu: float


async def compare(*, blocks: int, calls: int) -> Comparison:
    """Time `blocks` blocks of `calls` calls each way."""
    async with scratch_world() as world:
        token, runtime = _token(world), world.functions.runtime
        dropping = Unaudited(runtime.tables, runtime.queues, runtime.clock, runtime.ids)
        ways = (world.functions, Functions(replace(runtime, audit=dropping)))
        for functions in ways:
            await _block(functions, token, world.objects, calls)  # what happens only once
        pairs = []
        for number in range(blocks):
            order = ways if number % 2 else ways[::-1]
            done = [await _block(functions, token, world.objects, calls) for functions in order]
            pairs.append((done[0], done[1]) if number % 2 else (done[1], done[0]))
    with_audit, without = ([pair[way] for pair in pairs] for way in (0, 1))
    return Comparison(
        calls=blocks * calls,
        audited=_costs(with_audit),
        unaudited=_costs(without),
        time_ratio=round(median(sum(a.seconds) / sum(b.seconds) for a, b in pairs), 3),
        cpu_ratio=round(median(a.cpu / b.cpu for a, b in pairs), 3),
    )


async def _block(functions: Functions, token: str, things: Mapping[str, str], calls: int) -> _Block:
    """Call the usual: lists, incidents and their timelines, and one change in ten."""
    incident = f"incidents/{things['incident_id']}"
    usual = ("incidents", incident, f"{incident}/timeline", "services", "incidents?open=true")
    cpu, seconds = time.process_time(), []
    for number in range(calls):
        began = time.perf_counter()
        if number % 10:
            answer = await functions.call("GET", usual[number % len(usual)], token=token)
        else:
            answer = await functions.call("PATCH", incident, {"description": f"call {number}"}, token=token)
        seconds.append(time.perf_counter() - began)
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"a call answered {answer.status}: {answer.content.decode()}")
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while functions.runtime.audit.waiting:  # noqa: ASYNC110 - the audit announces nothing
            await asyncio.sleep(_POLL_SECONDS)
    return _Block(seconds, time.process_time() - cpu)


def _costs(blocks: Sequence[_Block]) -> Costs:
    seconds = [one for block in blocks for one in block.seconds]
    cpu = sum(block.cpu for block in blocks) / len(seconds)
    return Costs(p50=_ms(median(seconds)), p95=_ms(p95(seconds)), cpu=_ms(cpu))


def _ms(seconds: float) -> float:
    return round(seconds * 1_000, 3)


async def exports(*, rows: int) -> list[Export]:
    """Export `rows` changes in each format, as docs/api.md shows it: part after part."""
    async with scratch_world() as world:
        for first in range(1, rows + 1, _ROWS_OF_INSERT):
            last = min(first + _ROWS_OF_INSERT - 1, rows)
            await world.owner.execute(_INSERT, {"first": first, "last": last, "project": world.objects["project_id"]})
        await world.owner.execute("vacuum analyze event_log")
        return [await _export(world, kind) for kind in ("jsonl", "csv")]


async def _export(world: World, kind: str) -> Export:
    memory: list[float] = []
    lines = size = 0
    began = time.perf_counter()
    url = f"audit/export?kind=changes&format={kind}&action=service.updated&from=2000-01-01T00:00:00Z"
    while url:
        answer = await world.functions.call("GET", url, token=_token(world))
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"GET {url} answered {answer.status}: {answer.content.decode()}")
        lines, size = lines + answer.content.count(b"\n"), size + len(answer.content)
        memory.append(_resident())
        link = urlsplit(answer.headers.get("Link", "").partition("<")[2].partition(">")[0])
        url = f"audit/export?{unquote(link.query)}" if link.query else ""
    settled = memory[len(memory) // 4 :]
    slope = linear_regression(range(len(settled)), settled).slope if len(settled) > 1 else 0.0
    return Export(
        format=kind,
        rows=lines - (kind == "csv"),
        parts=len(memory),
        megabytes=round(size / _MEGABYTE, 1),
        seconds=round(time.perf_counter() - began, 1),
        first_mb=memory[0],
        highest_mb=max(memory),
        last_mb=memory[-1],
        growth_mb=round(memory[-1] - settled[0], 1),
        slope_kb=round(slope * 1_000, 1),
    )


def _token(world: World) -> str:
    return next(caller.credential for caller in world.callers if caller.name == _OWNER)


def _resident() -> float:
    """Return the memory of this process, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * getpagesize() / _MEGABYTE, 1)


def comparison_table(found: Comparison) -> str:
    """Return the figures for people."""
    lines = [f"{f'{found.calls} calls each, ms':<24}{'p50':>9}{'p95':>9}{'CPU':>9}"]
    for name, costs in (("with the audit", found.audited), ("without", found.unaudited)):
        lines.append(f"{name:<24}{costs.p50:>9.2f}{costs.p95:>9.2f}{costs.cpu:>9.2f}")
    ratios = f"ratio of time {found.time_ratio:.3f}, of CPU time {found.cpu_ratio:.3f}, at most {LIMIT} wanted"
    return "\n".join((*lines, ratios))


def export_table(found: Sequence[Export]) -> str:
    """Return the figures for people."""
    lines = [
        f"{'format':<8}{'rows':>10}{'parts':>7}{'MB':>8}{'s':>8}{'first':>9}{'highest':>9}{'last':>9}{'growth':>9}"
    ]
    for one in found:
        memory = f"{one.first_mb:>9.1f}{one.highest_mb:>9.1f}{one.last_mb:>9.1f}{one.growth_mb:>9.1f}"
        lines.append(f"{one.format:<8}{one.rows:>10,}{one.parts:>7}{one.megabytes:>8.1f}{one.seconds:>8.1f}{memory}")
    return "\n".join((*lines, f"memory in MB; at most {GROWTH_LIMIT_MB} of growth wanted"))
