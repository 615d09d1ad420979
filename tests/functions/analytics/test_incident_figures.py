"""Incident analytics: every figure as plain Python finds it, whatever is gathered already, and for whom."""

import csv
import io
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from shared.analytics.facts import gather
from shared.incidents import comments
from shared.incidents.commands import transition
from shared.incidents.lifecycle import State
from shared.kernel.errors import Conflict
from shared.kernel.values import Actor, ActorKind, IncidentId, ProjectId, TenantId, system_actor
from shared.platform.runtime import Tx
from tests.fixtures import App, Tenant, register
from tests.functions.access.people import invited
from tests.functions.analytics.recount import figures, told
from tests.functions.incidents.board import MISSING, Board

PATH = "analytics/incidents"
PROBLEMS = ("HighLatency", "DiskFull", "PodCrash", "CertificateExpires")
SEVERITIES = ("critical", "error", "warning", "info")
ALL = "?from=2026-01-01T00:00:00Z&to=2028-01-01T00:00:00Z"
SERVICES = ("shop", "payments", "=cmd()")


async def shown(board: Board, query: str = "") -> dict[str, Any]:
    answer = await board.call("GET", f"{PATH}{query}")
    assert answer.status == 200, answer.content
    found: dict[str, Any] = answer.json
    return found


async def gathered(board: Board) -> int:
    tenant = board.tenant
    async with board.app.runtime.transaction(system_actor(TenantId(UUID(tenant.tenant_id)))) as tx:
        return await gather(tx, ProjectId(UUID(tenant.project_id)))


class Days:
    """Days that a project lives through, drawn from a seed. What people do comes from them, and the rest from a key."""

    def __init__(self, board: Board, people: list[Actor], seed: int) -> None:
        self.board, self.people, self.random = board, people, Random(seed)

    async def pass_by(self, steps: int) -> None:
        acts = (*[self.fire] * 4, *[self.move] * 5, self.comment, self.put_away)
        for step in range(steps):
            self.board.clock.advance(minutes=self.random.choice((1, 4, 20, 90)))
            with suppress(Conflict):
                await self.random.choice(acts)(step)
            if self.random.random() < 0.2:
                await self.board.app.carry()
            if self.random.random() < 0.1:
                await gathered(self.board)

    async def fire(self, _: int) -> None:
        problem, pod = self.random.choice(PROBLEMS), self.random.randrange(3)
        labels = {"alertname": problem, "pod": str(pod), "service": self.random.choice(SERVICES)}
        labels |= {"severity": self.random.choice(SEVERITIES)}
        started = self.board.clock.now().isoformat()
        await self.board.post(problem, labels=labels, startsAt=started)
        if self.random.random() < 0.4:
            self.board.clock.advance(minutes=2)
            ended = self.board.clock.now().isoformat()
            await self.board.post(problem, "resolved", labels=labels, startsAt=started, endsAt=ended)

    async def move(self, _: int) -> None:
        if (incident := await self.any()) and incident["allowed_transitions"]:
            to = self.random.choice(incident["allowed_transitions"])
            async with self.somebody() as tx:
                await transition(
                    tx, self.project, incident_id_of(incident), to=State(to), note="because", expected=None
                )

    async def comment(self, step: int) -> None:
        if incident := await self.any():
            async with self.somebody() as tx:
                await comments.add_comment(tx, self.project, incident_id_of(incident), f"step {step}")

    async def put_away(self, step: int) -> None:
        incidents = await self.board.all()
        if len(incidents) > 2 and step % 2:
            await self.board.merge(*self.random.sample(incidents, 2))
        elif len(incidents) > 4:
            await self.board.call("DELETE", f"incidents/{self.random.choice(incidents)['id']}")

    async def any(self) -> dict[str, Any] | None:
        incidents = await self.board.all()
        return self.random.choice(incidents) if incidents else None

    @property
    def project(self) -> ProjectId:
        return ProjectId(UUID(self.board.tenant.project_id))

    def somebody(self) -> AbstractAsyncContextManager[Tx]:
        return self.board.app.runtime.transaction(self.random.choice(self.people))


def incident_id_of(incident: dict[str, Any]) -> IncidentId:
    return IncidentId(UUID(incident["id"]))


async def with_key(board: Board) -> None:
    """Let the board's calls come from a program, whose key outlives any jump of the clock."""
    made = await board.call("POST", "api-keys", {"name": "a program", "role": "owner"})
    board.tenant = replace(board.tenant, token=made.json["key"])


def people_of(tenant: Tenant, *users: str) -> list[Actor]:
    program = Actor(
        kind=ActorKind.API_KEY,
        id=UUID(MISSING),
        tenant_id=TenantId(UUID(tenant.tenant_id)),
        project_id=ProjectId(UUID(tenant.project_id)),
    )
    return [program, *(replace(program, kind=ActorKind.USER, id=UUID(user)) for user in users)]


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_figures_are_those_that_plain_python_finds(board: Board, tenant: Tenant, seed: int) -> None:
    colleague = await invited(board.app, tenant, "engineer")
    await with_key(board)
    await Days(board, people_of(tenant, tenant.user_id, colleague.user_id), seed).pass_by(40)
    wanted = figures(await told(board))
    assert wanted["incidents"] > 2
    assert wanted["people"]
    first = await shown(board, ALL)
    people = [{name: value for name, value in one.items() if name != "name"} for one in first["people"]]
    assert {name: first[name] for name in wanted} | {"people": people} == wanted
    assert sum(one["incidents"] for one in first["trend"]) == wanted["incidents"]
    await gathered(board)
    assert await shown(board, f"{ALL}&interval=day") == first


async def test_an_empty_project_has_figures_too(board: Board) -> None:
    board.clock.at = board.clock.at.replace(hour=12)  # in the last minute of a day there are 30 days and not 31
    found = await shown(board)
    assert (found["incidents"], found["by_state"], found["services"], found["people"]) == (0, {}, [], [])
    assert found["time_to_resolve"] == {"count": 0, "mean_seconds": None, "p50_seconds": None, "p90_seconds": None}
    assert (found["noise"]["alerts_per_incident"], found["noise"]["flapping_share"]) == (None, None)
    assert len(found["trend"]) == 31


async def test_one_incident_is_its_own_median(board: Board) -> None:
    incident = await board.opened("A")
    board.clock.advance(minutes=3)
    await board.move(incident, "acknowledged")
    board.clock.advance(minutes=60)
    await board.move(incident, "resolved")
    found = await shown(board)
    assert found["time_to_acknowledge"] == {"count": 1, "mean_seconds": 180, "p50_seconds": 180, "p90_seconds": 180}
    assert found["time_to_resolve"]["p90_seconds"] == found["time_to_mitigate"]["mean_seconds"] == 63 * 60
    assert found["people_seconds"] == 2 * 15 * 60


async def test_a_reopened_incident_counts_again_only_when_it_is_over_again(board: Board, tenant: Tenant) -> None:
    incident = await board.opened("A")
    await board.move(incident, "resolved")
    await gathered(board)
    board.clock.advance(days=2)
    await board.move(incident, "investigating")
    await gathered(board)
    found = await shown(board)
    assert (found["reopened"], found["open"], found["time_to_resolve"]["count"]) == (1, 1, 0)
    assert found["time_to_acknowledge"]["mean_seconds"] == 2 * 86_400
    board.clock.advance(days=1)
    await board.move(incident, "resolved")
    found = await shown(board)
    assert found["time_to_resolve"]["mean_seconds"] == 3 * 86_400
    opened_on = next(day for day in found["trend"] if day["incidents"])
    assert opened_on["time_to_resolve"] == {"count": 1, "mean_seconds": 3 * 86_400}


async def test_the_machine_resolves_and_does_not_acknowledge(board: Board) -> None:
    await board.opened("A")
    board.clock.advance(minutes=1)
    await board.post("A", "resolved", endsAt="2026-11-20T10:01:00Z")
    await board.app.carry()
    board.clock.advance(minutes=11)
    await board.app.tick("queue_due_incidents")
    await board.app.carry()
    found = await shown(board)
    assert (found["resolved_by_machine"], found["time_to_acknowledge"]["count"]) == (1, 0)
    assert (found["time_to_mitigate"]["mean_seconds"], found["time_to_resolve"]["mean_seconds"]) == (60, 12 * 60)
    assert found["people"] == []


async def test_merged_and_archived_incidents_do_not_count_and_count_again(board: Board, tenant: Tenant) -> None:
    one, other, gone = await board.opened("A"), await board.opened("B"), await board.opened("C")
    assert (await shown(board))["incidents"] == 3
    await gathered(board)
    await board.merge(one, other)
    await board.move(gone, "resolved")
    await board.call("DELETE", f"incidents/{gone['id']}")
    found = await shown(board)
    assert (found["incidents"], found["alerts"], found["noise"]["duplicates_suppressed"]) == (1, 2, 1)
    await gathered(board)
    assert (await shown(board, "?interval=day"))["incidents"] == 1
    await board.unmerge(other)
    await board.call("POST", f"incidents/{gone['id']}/restore")
    assert (await shown(board))["incidents"] == 3


async def test_filters_choose_and_the_trend_follows_the_clock_of_a_zone(board: Board, tenant: Tenant) -> None:
    await board.opened("A")
    labels = {"alertname": "B", "service": "payments", "severity": "critical"}
    other = await board.opened("B", labels=labels)
    await board.move(other, "acknowledged")
    assert [(await shown(board, query))["incidents"] for query in ("?service=payments", "?severity=critical,high")] == [
        1,
        1,
    ]
    assert [(await shown(board, query))["incidents"] for query in ("?service=payments,shop", "?severity=low")] == [2, 0]
    assert (await shown(board, f"?person={tenant.user_id}"))["services"][0]["service"] == "payments"
    assert (await shown(board, f"?person={MISSING}"))["incidents"] == 0
    times = "?from=2026-10-24T22:00:00Z&to=2026-10-26T23:00:00Z&tz=Europe/Berlin"
    days = [(day["starts_at"], day["ends_at"]) for day in (await shown(board, times))["trend"]]
    assert days == [
        ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),  # 25 hours
        ("2026-10-25T23:00:00Z", "2026-10-26T23:00:00Z"),
    ]
    assert len((await shown(board, f"{times}&interval=hour"))["trend"]) == 49


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?tz=Mars/Olympus", "tz"),
        ("?interval=year", "interval"),
        ("?person=somebody", "person"),
        ("?severity=awful", "severity.0"),
        ("?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", "from"),
        ("?from=2026-01-01T00:00:00Z&to=2026-12-01T00:00:00Z&interval=hour", "from"),
        ("?from=yesterday", "from"),
        ("?until=2026-01-01T00:00:00Z", "until"),
    ],
)
async def test_a_question_that_has_no_answer_is_refused(board: Board, query: str, field: str) -> None:
    answer = await board.call("GET", f"{PATH}{query}")
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)


async def test_what_maintenance_holds_back_is_counted(board: Board) -> None:
    window = {"title": "a window", "matchers": [{"label": "service", "value": "shop"}]}
    now = board.clock.now()
    times = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(hours=1)).isoformat()}
    made = await board.call("POST", "maintenance-windows", window | times)
    assert made.status == 201, made.content
    board.clock.advance(seconds=1)
    await board.post("A", startsAt=board.clock.now().isoformat())
    found = await shown(board)
    assert (found["noise"]["suppressed_by_maintenance"], found["incidents"]) == (1, 0)
    assert (await shown(board, "?service=payments"))["noise"]["suppressed_by_maintenance"] == 0


async def test_nobody_sees_anothers_figures(board: Board, app: App) -> None:
    await board.opened("A")
    stranger = await register(app)
    found = (await app.call("GET", PATH, token=stranger.token)).json
    assert (found["incidents"], found["noisiest"], found["people"]) == (0, [], [])


async def test_tables_are_exported_and_no_cell_is_a_formula(board: Board) -> None:
    board.clock.at = board.clock.at.replace(hour=12)  # in the last minute of a day there are 30 days and not 31
    labels = {"alertname": "=HYPERLINK(1)", "service": "@shop", "severity": "critical"}
    incident = await board.opened("A", labels=labels)
    await board.move(incident, "acknowledged")
    for table, column, value in (
        ("services", "service", "'@shop"),
        ("alerts", "name", "'=HYPERLINK(1)"),
        ("people", "acknowledged", "1"),
    ):
        answer = await board.call("GET", f"{PATH}/export?of={table}")
        assert (answer.status, answer.media_type) == (200, "text/csv")
        (row,) = csv.DictReader(io.StringIO(answer.content.decode()))
        assert row[column] == value
    trend = list(csv.DictReader(io.StringIO((await board.call("GET", f"{PATH}/export")).content.decode())))
    assert (len(trend), next(iter(trend[0]))) == (31, "starts_at")
    assert [row["time_to_acknowledge_count"] for row in trend if row["incidents"] != "0"] == ["1"]


async def test_the_file_of_services_has_also_those_beyond_the_leaders(board: Board) -> None:
    for number in range(22):
        given = {"title": "Slow", "service_name": f"service-{number:02}"}
        assert (await board.call("POST", "incidents", given)).status == 201
    answer = await board.call("GET", f"{PATH}/export?of=services")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["service"] for row in rows] == [f"service-{number:02}" for number in range(22)]
    assert len((await shown(board))["services"]) == 20


async def test_an_incident_costs_peoples_time(board: Board, tenant: Tenant) -> None:
    incident = await board.opened("A")
    await board.move(incident, "acknowledged")
    board.clock.advance(minutes=5)
    await board.call("POST", f"incidents/{incident['id']}/comments", {"body": "Seen."})
    board.clock.advance(hours=5)
    await board.move(incident, "resolved")
    found = (await board.call("GET", f"{PATH}/{incident['id']}/cost")).json
    assert found["people_seconds"] == (5 + 15 + 15) * 60
    assert [(one["person_id"], one["seconds"]) for one in found["people"]] == [(tenant.user_id, 35 * 60)]
    assert (found["model_calls"], found["model_usd"]) == (0, 0)
    assert (await shown(board))["people_seconds"] == found["people_seconds"]
    assert (await board.call("GET", f"{PATH}/{MISSING}/cost")).status == 404


async def test_a_kept_answer_is_given_up_when_something_happens(board: Board) -> None:
    await board.opened("A")
    first = await board.call("GET", f"{PATH}{ALL}")
    second = await board.call("GET", f"{PATH}{ALL}", headers={"if-none-match": first.headers["ETag"]})
    assert second.status == 304
    await board.opened("B")
    assert (await shown(board, ALL))["incidents"] == 2
