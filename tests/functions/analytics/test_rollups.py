"""Rollups: whatever changes, and however far the gathering is, they give what counting each incident gives."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.rows import dict_row

from scripts.history import Plan
from scripts.seed import Place, seed
from shared.analytics import facts, figures
from shared.analytics.buckets import Interval, bounds
from shared.analytics.rollups_sql import ROLLUPS, STEPS, Rollup
from shared.analytics.schemas import FiguresQuery
from shared.kernel.values import ProjectId, TenantId, system_actor
from tests.fixtures import App, DatabaseUrls, Tenant
from tests.functions.access.people import invited
from tests.functions.analytics.recount import duration, spread

NOW: Final = datetime(2026, 3, 20, 13, 7, 11, tzinfo=UTC)
DAYS: Final = 40
ZONES: Final = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns")
SEVERITIES: Final = ("critical", "high", "medium", "low", "info")
MEASURES: Final = ("acknowledge", "mitigate", "resolve")
COUNTS: Final = ("incidents", "open", "alerts", "reopened", "flapping", "resolved_by_machine", "people_seconds")
OPEN: Final = {"detected", "acknowledged", "investigating", "mitigated"}

type Row = Mapping[str, Any]

# Anything may become of an incident, as long as somebody tells of it; the open ones are left alone, for of those there
# is one on each problem.
CHANGE: Final = """
with changed as (
  update incidents set severity = %(severity)s, service_name = %(service)s, state = %(state)s,
    mitigated_at = case when %(state)s <> 'inconclusive' then created_at + %(lasted)s * interval '0.4 seconds' end,
    resolved_at = case when %(state)s <> 'inconclusive' then created_at + %(lasted)s * interval '1 second' end,
    archived_at = case when %(archived)s then now() end
  where tenant_id = %(tenant)s and id = %(id)s returning *)
insert into event_log (tenant_id, id, project_id, type, subject_id, incident_id, at, actor_kind, actor_id, changes,
  due_at)
select tenant_id, uuidv7(), project_id, 'incident.updated', id, id, created_at + %(lasted)s * interval '1 second',
       case when %(person)s::uuid is null then 'system' else 'user' end, %(person)s, %(changes)s::jsonb, null
from changed"""
CHANGES: Final = (
    '{"state": ["detected", "acknowledged"]}',
    '{"state": ["acknowledged", "resolved"]}',
    '{"state": ["resolved", "investigating"]}',
    '{"flapping": [false, true]}',
    "{}",
)


class History:
    """A project's history, and what changes of it, drawn from a seed."""

    def __init__(
        self, app: App, tenant: Tenant, owner: psycopg.AsyncConnection, people: Sequence[str], name: int
    ) -> None:
        self.app, self.owner, self.people, self.random = app, owner, people, Random(name)
        self.tenant, self.project = UUID(tenant.tenant_id), ProjectId(UUID(tenant.project_id))

    async def begin(self, urls: DatabaseUrls, incidents: int) -> None:
        plan = Plan(incidents=incidents, alerts=incidents * 2, seed=str(self.random), until=NOW, days=DAYS)
        await asyncio.to_thread(seed, urls.app, Place(self.tenant, self.project), plan)

    async def change(self, most: int) -> None:
        """Change some incidents, each in a transaction of its own."""
        closed = await self.rows("select id from incidents where tenant_id = %s and state <> all(%s)", list(OPEN))
        for one in self.random.sample(closed, self.random.randint(1, most)):
            given = {
                "tenant": self.tenant,
                "id": one["id"],
                "severity": self.random.choice(SEVERITIES),
                "service": self.random.choice(("checkout", "search", "")),
                "state": self.random.choice(("resolved", "learned", "inconclusive")),
                "lasted": self.random.choice((0, 1, 59, 3_600, 3_601, 100_000)),
                "archived": self.random.random() < 0.15,
                "person": self.random.choice((*self.people, None)),
                "changes": self.random.choice(CHANGES),
            }
            await self.owner.execute(CHANGE, given)

    async def gather(self) -> int:
        async with self.app.runtime.transaction(system_actor(TenantId(self.tenant))) as tx:
            return await facts.gather(tx, self.project)

    async def shown(self, asked: FiguresQuery) -> dict[str, Any]:
        async with self.app.runtime.transaction(system_actor(TenantId(self.tenant))) as tx:
            return (await figures.show(tx, self.project, asked)).model_dump(mode="json")

    async def rows(self, query: Any, *more: object) -> list[dict[str, Any]]:
        async with self.owner.cursor(row_factory=dict_row) as cursor:
            return await (await cursor.execute(query, (self.tenant, *more))).fetchall()

    async def unlike(self, rollup: Rollup) -> list[Any]:
        """Return what a rollup has and the facts do not add up to, and the other way round."""
        keys = {"begins": rollup.begins, **rollup.keys}
        added = ", ".join([*keys.values(), *(f"sum({made_of})" for made_of in rollup.sums.values())])
        made = f"""
            select {added} from {rollup.of.__tablename__} x {rollup.unfolded} where x.tenant_id = :tenant and x.counted
            group by {", ".join(keys.values())}"""
        sums = ", ".join(rollup.sums)
        kept = f"""
            select {", ".join(keys)}, {sums} from {rollup.table.__tablename__}
            where tenant_id = :tenant and ({sums}) <> ({", ".join("0" for _ in rollup.sums)})"""
        either = f"(({made}) except all ({kept})) union all (({kept}) except all ({made}))"
        async with self.app.runtime.transaction(system_actor(TenantId(self.tenant))) as tx:
            given = {"tenant": self.tenant, "steps": STEPS}
            return list((await tx.session.execute(facts.statement(either), given)).all())

    def asked(self) -> FiguresQuery:
        """Return a question about some time, most often one that has whole weeks."""
        since = NOW - timedelta(minutes=self.random.randrange(1, (DAYS + 3) * 1_440))
        until = min(since + timedelta(minutes=self.random.randrange(1, DAYS * 1_440)), NOW)
        return FiguresQuery.model_validate(
            {
                "from": self.random.choice((since, since.replace(hour=0, minute=0, second=0))),
                "to": until,
                "interval": self.random.choice((Interval.DAY, Interval.DAY, Interval.HOUR)),
                "tz": self.random.choice(ZONES),
                "severity": self.random.sample(SEVERITIES, self.random.choice((0, 0, 0, 1, 3))),
                "service": self.random.choice(((), (), (), ("checkout",), ("checkout", "search"))),
                "person": self.random.choice((None, None, None, None, self.random.choice(self.people))),
            }
        )

    async def recounted(self, asked: FiguresQuery) -> dict[str, Any]:
        """Return figures as plain Python finds them in the gathered facts."""
        since, until = asked.since, asked.until
        assert since
        assert until
        busy = await self.rows("select * from incident_presence where tenant_id = %s and counted")
        theirs = {one["id"] for one in busy if one["person_id"] == asked.person}

        def is_asked(one: Row) -> bool:
            return bool(
                since <= one["created_at"] < until
                and (not asked.severity or one["severity"] in asked.severity)
                and (not asked.service or one["service_name"] in asked.service)
                and (asked.person is None or one["id"] in theirs)
            )

        incidents = [one for one in await self.rows(FACTS) if is_asked(one)]
        edges = list(bounds(since, until, asked.interval, ZoneInfo(asked.tz)))
        return {
            **group(incidents),
            **{f"time_to_{one}": spread([row[f"{one}_seconds"] for row in incidents]) for one in MEASURES},
            "by_state": {name: one["incidents"] for name, one in by(incidents, "state").items()},
            "by_severity": by(incidents, "severity"),
            "services": by(incidents, "service_name"),
            "trend": [
                group([one for one in incidents if begins <= one["created_at"] < ends])
                for begins, ends in pairwise(edges)
            ],
            "alerts": {name: one["alerts"] for name, one in by(incidents, "alert_name").items()},
            "people": people([one for one in busy if is_asked(one)]),
        }


FACTS: Final = "select * from incident_facts where tenant_id = %s and counted"


def group(incidents: Sequence[Row]) -> dict[str, Any]:
    found = [
        (
            1,
            one["state"] in OPEN,
            one["alerts"],
            one["reopened"] > 0,
            one["flapped"],
            one["resolved_by_machine"],
            one["people_seconds"],
        )
        for one in incidents
    ]
    sums = dict(zip(COUNTS, map(sum, zip(*found, strict=True)), strict=True)) if found else dict.fromkeys(COUNTS, 0)
    return sums | {f"time_to_{one}": duration(row[f"{one}_seconds"] for row in incidents) for one in MEASURES}


def by(incidents: Iterable[Row], column: str) -> dict[str, Any]:
    found: dict[str, list[Row]] = {}
    for one in incidents:
        found.setdefault(one[column], []).append(one)
    return {name: group(some) for name, some in found.items()}


def people(busy: Iterable[Row]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for one in busy:
        sums = found.setdefault(str(one["person_id"]), [0, 0, 0, 0])
        for place, value in enumerate((1, one["acknowledged"], one["resolved"], one["seconds"])):
            sums[place] += value
    return found


def compared(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of the figures is recounted, without the order that leaders have."""

    def keyed(rows: Iterable[Row], name: str) -> dict[str, Any]:
        names = (*COUNTS, *(f"time_to_{each}" for each in MEASURES))
        return {one[name]: {key: one[key] for key in names} for one in rows}

    columns = ("incidents", "acknowledged", "resolved", "seconds")
    return {
        **{name: found[name] for name in (*COUNTS, *(f"time_to_{one}" for one in MEASURES), "by_state")},
        "by_severity": keyed(found["by_severity"], "severity"),
        "services": keyed(found["services"], "service"),
        "trend": list(keyed(found["trend"], "starts_at").values()),
        "alerts": {one["name"]: one["alerts"] for one in found["noisiest"]},
        "people": {one["person_id"]: [one[name] for name in columns] for one in found["people"]},
    }


@pytest.fixture
async def history(app: App, tenant: Tenant, owner: psycopg.AsyncConnection, request: pytest.FixtureRequest) -> History:
    colleague = await invited(app, tenant, "engineer")
    return History(app, tenant, owner, (tenant.user_id, colleague.user_id), request.param)


@pytest.mark.parametrize("history", [1, 2, 3], indirect=True)
async def test_figures_are_those_of_each_incident_after_any_changes(
    history: History, database_urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "_LEADERS", 100)
    monkeypatch.setattr(facts, "_AT_ONCE", 90)
    await history.begin(database_urls, 200)
    for _ in range(4):
        questions = [history.asked() for _ in range(6)]
        before = [await history.shown(one) for one in questions]
        while await history.gather():
            question = history.random.choice(questions)
            assert await history.shown(question) == before[questions.index(question)]
        for question, told in zip(questions, before, strict=True):
            assert await history.shown(question) == told
            assert compared(told) == await history.recounted(question)
        await history.change(120)


@pytest.mark.parametrize("history", [4], indirect=True)
async def test_rollups_hold_the_sums_of_the_facts(history: History, database_urls: DatabaseUrls) -> None:
    await history.begin(database_urls, 100)
    for _ in range(3):
        while await history.gather():
            pass
        assert {one.table.__tablename__: await history.unlike(one) for one in ROLLUPS} == {
            one.table.__tablename__: [] for one in ROLLUPS
        }
        await history.change(80)
