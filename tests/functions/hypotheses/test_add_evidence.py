from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.hypotheses.observations import MAX_OBSERVATIONS
from tests.fixtures import App, StoppedClock, Tenant, opened, register

KILLED = {
    "kind": "log",
    "component": "checkout-7f9dd8b6c4-x7gr9",
    "at": "2026-01-02T03:04:05Z",
    "title": "container log",
    "text": "Memory cgroup out of memory: Killed process 1 (checkout)",
}
SATURATED = {"kind": "metric", "component": "checkout", "title": "CPUUtilization (Average)"}


async def added(app: App, tenant: Tenant, incident: dict[str, Any], *items: object) -> Any:
    return await app.call("POST", f"incidents/{incident['id']}/evidence", {"items": items}, token=tenant.token)


async def test_what_is_told_becomes_evidence_of_the_next_run(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    incident = await opened(app, tenant)
    await app.carry()
    clock.advance(seconds=30)
    began = datetime.fromisoformat(incident["started_at"])
    points = [
        [(began + timedelta(minutes=minute)).isoformat(), 20.0 if minute < 0 else 97.0] for minute in range(-10, 10)
    ]
    answer = await added(
        app,
        tenant,
        incident,
        {**KILLED, "at": began.isoformat()},
        {**SATURATED, "at": began.isoformat(), "series": {"unit": "Percent", "points": points}},
    )
    assert (answer.status, answer.json) == (201, {"added": 2, "known": 0})
    await app.carry()
    found = (await app.call("GET", f"incidents/{incident['id']}/hypotheses", token=tenant.token)).json
    causes = {one["cause_code"]: one for one in found["items"]}
    assert {"memory_exhaustion", "cpu_saturation"} <= set(causes)
    (log,) = [one for one in causes["memory_exhaustion"]["evidence"] if one["kind"] == "log"]
    assert "Memory cgroup out of memory" in log["text"]
    assert log["component"] == "checkout"
    (course,) = [one for one in causes["cpu_saturation"]["evidence"] if one["kind"] == "metric"]
    assert course["text"].startswith("CPUUtilization saturated: 20 to 97 Percent")


async def test_the_same_told_twice_is_one(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    await added(app, tenant, incident, KILLED)
    assert (await added(app, tenant, incident, KILLED, KILLED)).json == {"added": 0, "known": 2}
    listed = (await app.call("GET", f"incidents/{incident['id']}/evidence", token=tenant.token)).json
    assert [(one["title"], one["created_by"]) for one in listed["items"]] == [("container log", tenant.email)]


async def test_what_was_told_is_listed_in_pages(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    await added(app, tenant, incident, *({**KILLED, "title": f"log {number}"} for number in range(3)))
    path = f"incidents/{incident['id']}/evidence?limit=2"
    first = (await app.call("GET", path, token=tenant.token)).json
    rest = (await app.call("GET", f"{path}&cursor={first['next_cursor']}", token=tenant.token)).json
    assert [one["title"] for one in (*first["items"], *rest["items"])] == ["log 0", "log 1", "log 2"]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "alert"}, "items.0.kind"),
        ({"at": "1999-12-31T23:59:59Z"}, "items.0.at"),
        ({"at": "2026-01-02T03:04:05"}, "items.0.at"),
        ({"title": ""}, "items.0.title"),
        ({"text": "a\u0000b"}, "items.0.text"),
        ({"text": "x" * 65_537}, "items.0.text"),
        ({"series": {"unit": "ms", "points": []}}, "items.0.series.points"),
        ({"surprise": 1}, "items.0.surprise"),
    ],
)
async def test_what_cannot_be_read_is_refused_by_the_field(
    app: App, tenant: Tenant, change: dict[str, object], field: str
) -> None:
    incident = await opened(app, tenant)
    answer = await added(app, tenant, incident, {**KILLED, **change})
    assert answer.status == 422
    assert field in {error["field"] for error in answer.json["errors"]}


async def test_an_incident_holds_only_so_much(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    for start in range(0, MAX_OBSERVATIONS, 200):
        many = ({**KILLED, "title": f"log {number}"} for number in range(start, start + 200))
        assert (await added(app, tenant, incident, *many)).status == 201
    refused = await added(app, tenant, incident, {**KILLED, "title": "one more"})
    assert (refused.status, refused.json["maximum"]) == (409, MAX_OBSERVATIONS)


async def test_of_anothers_incident_nothing_can_be_told(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    other = await register(app)
    assert (await added(app, other, incident, KILLED)).status == 404
    path = f"incidents/{incident['id']}/evidence"
    assert (await app.call("GET", path, token=other.token)).status == 404


async def test_an_archived_incident_takes_no_more(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    path = f"incidents/{incident['id']}"
    move = {"to": "resolved", "note": "a false alarm"}
    assert (await app.call("POST", f"{path}/transitions", move, token=tenant.token)).status == 200
    assert (await app.call("DELETE", path, token=tenant.token)).status == 204
    answer = await added(app, tenant, incident, KILLED)
    assert (answer.status, answer.json["type"]) == (409, "/problems/incident-archived")
