"""Incident analytics: what a project's incidents came to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from shared.alerts.values import Severity
from shared.analytics.buckets import Block, Pieces, bounds, pieces
from shared.analytics.errors import BadRange
from shared.analytics.facts import place, statement, unseen
from shared.analytics.figures_sql import PERCENTILES, Level, figures, has_rollups
from shared.analytics.rollups_sql import STEPS
from shared.analytics.schemas import (
    AlertNameOut,
    FiguresOut,
    FiguresQuery,
    NoiseOut,
    PersonOut,
    ServiceOut,
    SeverityOut,
    SpreadOut,
    TrendOut,
)
from shared.analytics.tables import DURATIONS
from shared.incidents.lifecycle import State
from shared.kernel.values import ProjectId
from shared.platform.runtime import Tx

_BY_DEFAULT: Final = timedelta(days=30)
_MINUTE: Final = timedelta(minutes=1)
_MAX_BUCKETS: Final = 1_000
_LEADERS: Final = 20
_WORK_MEMORY: Final = "32MB"  # for sorting the times of 200,000 incidents without a disk
_WORST_FIRST: Final = tuple(severity.value for severity in Severity)
_MADE_OF: Final = ("incidents", "open", "alerts", "reopened", "flapping", "resolved_by_machine", "people_seconds")

type Cell = Mapping[str, Any]


async def show(tx: Tx, project_id: ProjectId, asked: FiguresQuery, *, all_services: bool = False) -> FiguresOut:
    """Return the figures of incidents opened in some time, of the busiest services or of all. Raises `BadRange`."""
    edges = edges_of(asked, tx.now)
    row = await _read(tx, project_id, asked, edges)
    cells: dict[Level, list[Cell]] = {level: [] for level in Level}
    for cell in row["cells"]:
        cells[Level(cell["level"])].append(cell)
    whole = {name: sum_ or 0 for name, sum_ in cells[Level.WHOLE][0].items()}  # of nothing, a sum is null
    return FiguresOut(
        **(_group(whole) | _spreads(whole, row["spreads"] or ())),
        since=edges[0],
        until=edges[-1],
        interval=asked.interval,
        tz=asked.tz,
        by_state={state: whole[state] for state in sorted(State) if whole[state]},
        by_severity=[
            SeverityOut(**_group(cell), severity=cell["severity"])
            for cell in sorted(cells[Level.SEVERITY], key=lambda cell: _WORST_FIRST.index(cell["severity"]))
        ],
        services=[
            ServiceOut(**_group(cell), service=cell["service_name"])
            for cell in sorted(cells[Level.SERVICE], key=lambda cell: (-cell["incidents"], cell["service_name"]))
        ][: None if all_services else _LEADERS],
        trend=_trend(edges, row["trend"] or ()),
        noise=_noise(whole, row["suppressed"]),
        noisiest=[AlertNameOut(**one) for one in row["noisiest"] or ()],
        most_flapping=[AlertNameOut(**one) for one in row["flapping"] or ()],
        people=[PersonOut(**one) for one in row["people"] or ()],
    )


def edges_of(asked: FiguresQuery, now: datetime) -> list[datetime]:
    """Return where each bucket of the time asked for begins, and where the last one ends. Raises `BadRange`."""
    until = asked.until or now.replace(second=0, microsecond=0) + _MINUTE
    since = asked.since or until - _BY_DEFAULT
    if since >= until:
        raise BadRange.of("from must lie before to", "from", "to")
    edges: list[datetime] = []
    for edge in bounds(since, until, asked.interval, ZoneInfo(asked.tz)):
        if len(edges) > _MAX_BUCKETS:
            raise BadRange.of(f"from and to must be at most {_MAX_BUCKETS} intervals apart", "from", "to")
        edges.append(edge)
    return edges


async def _read(tx: Tx, project_id: ProjectId, asked: FiguresQuery, edges: Sequence[datetime]) -> Mapping[str, Any]:
    filters: dict[str, Any] = {
        "severities": [one.value for one in asked.severity],
        "services": list(asked.service),
        "person": asked.person,
    }
    chosen = {name: value for name, value in filters.items() if value}
    known = place(tx, project_id, await unseen(tx, project_id))
    told_by = Block.DAY if all(Block.DAY.around(edge) == edge for edge in edges[1:-1]) else Block.HOUR
    times = _times(edges, told_by, is_summed=has_rollups(chosen))
    given = known | chosen | times | {"steps": STEPS, "most": _LEADERS}
    await tx.session.execute(select(func.set_config("work_mem", _WORK_MEMORY, True)))  # noqa: FBT003 - until it commits
    return dict((await tx.session.execute(statement(figures(frozenset(chosen), told_by)), given)).mappings().one())


def _times(edges: Sequence[datetime], told_by: Block, *, is_summed: bool) -> dict[str, Any]:
    """Return the parameters that tell the time asked for, and which incidents of it are counted one by one."""
    since, until = edges[0], edges[-1]
    everything = Pieces(split=[], since=[since], until=[until])
    split_by: Mapping[Block, Sequence[datetime]] = {told_by: edges, Block.WEEK: (since, until)}
    found = {block: pieces(at, block) if is_summed else everything for block, at in split_by.items()}
    blocks = {f"{block}_{name}": times for block, one in found.items() for name, times in asdict(one).items()}
    return {"since": since, "until": until, "bounds": list(edges), **blocks}


def _group(cell: Cell) -> dict[str, Any]:
    durations = {f"time_to_{name}": _duration(cell, name) for name in DURATIONS}
    return {name: cell[name] for name in _MADE_OF} | durations


def _duration(cell: Cell, name: str) -> dict[str, Any]:
    count, total = cell[f"{name}_count"], cell[f"{name}_sum"]
    return {"count": count, "mean_seconds": _whole(total / count if count else None)}


def _spreads(whole: Cell, neighbours: Sequence[Cell]) -> dict[str, SpreadOut]:
    known = {(one["measure"], one["percent"]): one["around"] for one in neighbours}
    return {
        f"time_to_{one}": SpreadOut(
            **_duration(whole, one),
            **{
                f"p{percent}_seconds": _percentile(whole[f"{one}_count"], percent, known.get((one, percent)))
                for percent in PERCENTILES
            },
        )
        for one in DURATIONS
    }


def _percentile(count: int, percent: int, around: Sequence[int] | None) -> int | None:
    """Interpolate between the two times around a place among `count` sorted ones; after the last there is none."""
    if not around:
        return None
    after = percent * (count - 1) % 100
    return _whole((around[0] * (100 - after) + around[-1] * after) / 100)


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)


def _trend(edges: Sequence[datetime], cells: Sequence[Cell]) -> list[TrendOut]:
    """Return every bucket, those without incidents too."""
    known = {cell["bucket"]: cell for cell in cells}
    return [
        TrendOut(**_group(known.get(place, defaultdict(int))), starts_at=starts_at, ends_at=ends_at)
        for place, (starts_at, ends_at) in enumerate(pairwise(edges), start=1)
    ]


def _noise(whole: Cell, suppressed: int) -> NoiseOut:
    incidents, alerts = whole["incidents"], whole["alerts"]
    return NoiseOut(
        alerts=alerts,
        alerts_per_incident=round(alerts / incidents, 2) if incidents else None,
        duplicates_suppressed=whole["joined"],
        suppressed_by_maintenance=suppressed,
        flapping_incidents=whole["flapping"],
        flapping_share=round(whole["flapping"] / incidents, 4) if incidents else None,
    )
