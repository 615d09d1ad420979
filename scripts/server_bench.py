"""What the server needs to answer: lists, searches, the incident page, changes of state, analytics."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import cycle, islice
from typing import Any, Final

from scripts.history import Plan
from scripts.proof.functions import Functions
from scripts.proof.scratch import scratch_world
from scripts.proof.world import World
from scripts.seed import VACUUM, find_place, seed
from shared.analytics.facts import gather_all
from shared.analytics.facts_sql import NEW
from shared.analytics.rollups_sql import ROLLUPS

LIMITS_MS: Final = {"api": 50, "search": 50, "analytics": 200}
VACUUM_FACTS: Final = (
    f"vacuum analyze {', '.join(one.__tablename__ for one in (*NEW, *(each.table for each in ROLLUPS)))}"
)
_OWNER: Final = "owner@example.com"
_LISTS: Final = ("incidents", "incidents?sort=updated", "incidents?sort=severity")
_FILTERED: Final = (
    "incidents?open=true",
    "incidents?state=resolved,learned&severity=critical",
    "incidents?service=checkout,payments&sort=updated",
    "incidents?label=team:team-2",
    "incidents?assignee=none&severity=info",
    "incidents?from=2026-01-01T00:00:00Z&open=false",
)
_SEARCHES: Final = (
    "incidents?q=checkout",
    'incidents?q="connection pool" payments',
    "incidents?q=disk or certificate -search",
    "incidents?q=INC-777",
    "incidents?q=pod&severity=high",
)
_PAGE: Final = ("", "/alerts", "/timeline", "/workflow", "/hypotheses", "/similar")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Server times of one kind of call, in milliseconds."""

    name: str
    calls: int
    p50: float
    p95: float
    longest: float


def figure(name: str, seconds: Sequence[float]) -> Figure:
    """Sum measured times up."""
    ordered = sorted(seconds)
    at = [round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1_000, 2) for share in (0.5, 0.95, 1)]
    return Figure(name=name, calls=len(ordered), p50=at[0], p95=at[1], longest=at[2])


async def measure(functions: Functions, token: str, *, times: int) -> list[Figure]:
    """Time every kind of call in the project of `token`, which has incidents."""
    ids = [one["id"] for one in (await _get(functions, token, "incidents?limit=200"))["items"]]
    pages = {f"incident page: {part[1:] or 'incident'}": [f"incidents/{one}{part}" for one in ids] for part in _PAGE}
    reads: Mapping[str, Sequence[str]] = {
        "list": _LISTS,
        "list, second page": await _second_pages(functions, token),
        "list, filtered": _FILTERED,
        "search": _SEARCHES,
        **pages,
    }
    figures = []
    for name, paths in reads.items():
        seconds = [await _timed(functions, token, path) for path in islice(cycle(paths), times + 1)]
        figures.append(figure(name, seconds[1:]))  # the first one warms up
    return [*figures, await _changes(functions, token, times=times)]


async def _changes(functions: Functions, token: str, *, times: int) -> Figure:
    """Time changes of state: resolved incidents are reopened, for of those there are enough."""
    closed = await _get(functions, token, "incidents?state=resolved&limit=200")
    seconds = []
    for incident in closed["items"][: times + 1]:
        path, body = f"incidents/{incident['id']}/transitions", {"to": "investigating", "note": "again"}
        began = time.perf_counter()
        answer = await functions.call("POST", path, body, token=token)
        seconds.append(time.perf_counter() - began)
        if answer.status not in {HTTPStatus.OK, HTTPStatus.CONFLICT}:  # another may be open on the same problem
            raise RuntimeError(f"POST {path} answered {answer.status}: {answer.content.decode()}")
    return figure("change of state", seconds[1:])


async def _second_pages(functions: Functions, token: str) -> list[str]:
    found = []
    for path in _LISTS:
        mark = "&" if "?" in path else "?"
        found.append(f"{path}{mark}cursor={(await _get(functions, token, path))['next_cursor']}")
    return found


async def _get(functions: Functions, token: str, path: str) -> Any:
    answer = await functions.call("GET", path, token=token)
    if answer.status != HTTPStatus.OK:
        raise RuntimeError(f"GET {path} answered {answer.status}: {answer.content.decode()}")
    return answer.json


async def _timed(functions: Functions, token: str, path: str) -> float:
    began = time.perf_counter()
    await _get(functions, token, path)
    return time.perf_counter() - began


async def api(*, incidents: int, alerts: int, times: int) -> list[Figure]:
    """Seed a project and measure it."""
    async with scratch_world(RESPONSE_CACHE_SECONDS="0") as world:
        await fill(world, incidents=incidents, alerts=alerts)
        token = next(caller.credential for caller in world.callers if caller.name == "owner key")
        return await measure(world.functions, token, times=times)


async def search(*, incidents: int, alerts: int, times: int) -> list[Figure]:
    """Seed a project and measure each kind of search by itself: what is rare, and what most incidents say."""
    async with scratch_world(RESPONSE_CACHE_SECONDS="0") as world:
        await fill(world, incidents=incidents, alerts=alerts)
        token = next(caller.credential for caller in world.callers if caller.name == "owner key")
        figures = []
        for path in _SEARCHES:
            seconds = [await _timed(world.functions, token, path) for _ in range(times + 1)]
            figures.append(figure(path.partition("?")[2], seconds[1:]))
        return figures


async def analytics(*, incidents: int, alerts: int, times: int) -> list[Figure]:
    """Seed a project, gather its facts, and measure what the analytics take over times of different length."""
    async with scratch_world(RESPONSE_CACHE_SECONDS="0") as world:
        await fill(world, incidents=incidents, alerts=alerts)
        while await gather_all(world.functions.runtime):
            pass
        await world.owner.execute(VACUUM_FACTS)
        token = next(caller.credential for caller in world.callers if caller.name == "owner key")
        figures = []
        for name, query in _analytics_of(datetime.now(UTC)).items():
            path = f"analytics/incidents?{query}"
            seconds = [await _timed(world.functions, token, path) for _ in range(times + 1)]
            figures.append(figure(name, seconds[1:]))
        return figures


def _analytics_of(now: datetime) -> Mapping[str, str]:
    """Return the queries by name."""
    since = {days: f"from={(now - timedelta(days=days)).isoformat().replace('+00:00', 'Z')}" for days in (90, 365)}
    return {
        "analytics, 30 days": "",
        "analytics, 90 days": since[90],
        "analytics, year of a service": f"{since[365]}&service=checkout",
        "analytics, year": since[365],
    }


async def fill(world: World, *, incidents: int, alerts: int) -> None:
    """Seed the home project of a world."""
    settings = world.functions.runtime.settings
    app, system = settings.database_url.get_secret_value(), settings.system_database_url.get_secret_value()
    plan = Plan(incidents=incidents, alerts=alerts, seed="bench", until=datetime.now(UTC), days=365)
    await asyncio.to_thread(seed, app, find_place(app, system, _OWNER), plan)
    await world.owner.execute(VACUUM)


def table(figures: Sequence[Figure]) -> str:
    """Return a line for each figure."""
    lines = [f"{'server time, ms':<32}{'calls':>6}{'p50':>9}{'p95':>9}{'longest':>9}"]
    lines += [f"{one.name:<32}{one.calls:>6}{one.p50:>9.1f}{one.p95:>9.1f}{one.longest:>9.1f}" for one in figures]
    return "\n".join(lines)
