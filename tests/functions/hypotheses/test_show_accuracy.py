"""The accuracy page: what people's verdicts say of the hypotheses, and of how many incidents nobody knows."""

from datetime import timedelta
from typing import Any

import pytest

from tests.fixtures import App, StoppedClock, Tenant, opened, register

CAPTURED = ("alertmanager-firing", "alertmanager-grouped-20-amtool")


async def analysed(app: App, tenant: Tenant, name: str) -> dict[str, Any]:
    """An incident with its hypotheses."""
    incident = await opened(app, tenant, name)
    await app.carry()
    found: dict[str, Any] = (await app.call("GET", f"incidents/{incident['id']}/hypotheses", token=tenant.token)).json
    return found


async def judge(app: App, tenant: Tenant, one: dict[str, Any], verdict: str) -> None:
    body = {"verdict": verdict, "reason": "looked at it"}
    answer = await app.call("POST", f"hypotheses/{one['id']}/verdict", body, token=tenant.token)
    assert answer.status == 200


async def shown(app: App, tenant: Tenant, query: str = "") -> dict[str, Any]:
    answer = await app.call("GET", f"analytics/accuracy{query}", token=tenant.token)
    assert answer.status == 200, answer.content
    found: dict[str, Any] = answer.json
    return found


async def test_a_project_that_nobody_judged_says_so(app: App, tenant: Tenant) -> None:
    await analysed(app, tenant, CAPTURED[0])
    found = await shown(app, tenant)
    assert (found["analysed"], found["judged"], found["unjudged"]) == (1, 0, 1)
    assert found["a_at_1"] == {"right": 0, "of": 0, "share": None}
    assert (found["reliability"], found["enough"], found["missing"]) == (None, 20, 20)


async def test_confirmed_causes_and_rejected_leads_count_and_checks_do_not(app: App, tenant: Tenant) -> None:
    first, second = [await analysed(app, tenant, name) for name in CAPTURED]
    await app.call("POST", f"hypotheses/{first['items'][0]['id']}/check", {"outcome": "refutes"}, token=tenant.token)
    assert (await shown(app, tenant))["judged"] == 0
    await judge(app, tenant, first["items"][1], "confirmed")
    await judge(app, tenant, second["items"][0], "rejected")
    found = await shown(app, tenant)
    assert (found["analysed"], found["judged"], found["unjudged"], found["missing"]) == (2, 2, 0, 18)
    assert found["a_at_1"] == {"right": 0, "of": 2, "share": 0}
    assert found["a_at_3"] == {"right": 1, "of": 2, "share": 0.5}
    cause = first["items"][1]["cause_code"]
    assert [(one["cause_code"], one["a_at_3"]["right"]) for one in found["by_cause"]] == [(cause, 1)]
    assert [(one["generator"], one["a_at_1"]["of"]) for one in found["by_generator"]] == [("rules", 2)]


async def test_the_cause_that_takes_anothers_place_is_the_one_that_counts(app: App, tenant: Tenant) -> None:
    found = await analysed(app, tenant, CAPTURED[0])
    await judge(app, tenant, found["items"][1], "confirmed")
    await judge(app, tenant, found["items"][0], "confirmed")
    assert (await shown(app, tenant))["a_at_1"] == {"right": 1, "of": 1, "share": 1}


async def test_a_period_is_of_when_incidents_opened(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    found = await analysed(app, tenant, CAPTURED[0])
    at = clock.at
    await judge(app, tenant, found["items"][0], "confirmed")
    before, after = (f"{(at + timedelta(minutes=minutes)).isoformat().replace('+00:00', 'Z')}" for minutes in (-1, 1))
    assert (await shown(app, tenant, f"?from={before}&to={after}"))["judged"] == 1
    assert (await shown(app, tenant, f"?to={before}"))["judged"] == 0
    assert (await shown(app, tenant, f"?from={after}"))["judged"] == 0


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z", ["from", "to"]),
        ("from=yesterday", ["from"]),
        ("days=3", ["days"]),
        ("to=2200-01-01T00:00:00Z", ["to"]),
    ],
)
async def test_a_period_that_is_none_is_refused(app: App, tenant: Tenant, query: str, fields: list[str]) -> None:
    answer = await app.call("GET", f"analytics/accuracy?{query}", token=tenant.token)
    assert (answer.status, answer.media_type) == (422, "application/problem+json")
    assert [error["field"] for error in answer.json["errors"]] == fields


async def test_anothers_verdicts_are_not_counted(app: App, tenant: Tenant) -> None:
    found = await analysed(app, tenant, CAPTURED[0])
    await judge(app, tenant, found["items"][0], "confirmed")
    stranger = await register(app)
    assert (await shown(app, stranger))["analysed"] == 0
    other = (await app.call("POST", "projects", {"name": "another"}, token=tenant.token)).json
    moved = await app.call("POST", "auth/switch-project", {"project_id": other["id"]}, token=tenant.token)
    assert (await app.call("GET", "analytics/accuracy", token=moved.json["access_token"])).json["analysed"] == 0


async def test_an_incident_that_became_part_of_another_is_not_missing_a_verdict(app: App, tenant: Tenant) -> None:
    first, second = [await analysed(app, tenant, name) for name in CAPTURED]
    body = {"sources": [second["incident_id"]]}
    merged = await app.call("POST", f"incidents/{first['incident_id']}/merge", body, token=tenant.token)
    assert merged.status == 200
    assert (await shown(app, tenant))["analysed"] == 1
