"""Confirmed causes are remembered when the same kind of incident comes back."""

from typing import Any

from tests.fixtures import App, StoppedClock, Tenant, opened, payload, register, sign_in_again


async def confirmed(app: App, tenant: Tenant) -> tuple[dict[str, Any], dict[str, Any]]:
    """A resolved incident, and its hypothesis of rank 2, which turned out to be the cause."""
    incident = await opened(app, tenant)
    await app.carry()
    path = f"incidents/{incident['id']}"
    cause = (await app.call("GET", f"{path}/hypotheses", token=tenant.token)).json["items"][1]
    await app.call("POST", f"hypotheses/{cause['id']}/verdict", {"verdict": "confirmed"}, token=tenant.token)
    await app.call("POST", f"{path}/transitions", {"to": "resolved", "note": "done"}, token=tenant.token)
    await app.carry()
    return incident, dict(cause)


async def fired_again(app: App, tenant: Tenant, clock: StoppedClock) -> dict[str, Any]:
    """The last run of the incident that the same alert opens, a day later."""
    clock.advance(days=1)
    tenant = await sign_in_again(app, tenant)
    body = payload("alertmanager-firing")
    for alert in body["alerts"]:
        alert["startsAt"] = clock.now().isoformat()
    await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    await app.carry()
    incident = (await app.call("GET", "incidents", token=tenant.token)).json["items"][0]
    return dict((await app.call("GET", f"incidents/{incident['id']}/hypotheses", token=tenant.token)).json)


async def test_a_confirmed_cause_is_evidence_when_the_problem_comes_back(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    incident, cause = await confirmed(app, tenant)
    found = await fired_again(app, tenant, clock)
    assert found["incident_id"] != incident["id"]
    (past,) = [one for one in found["evidence"] if one["kind"] == "history"]
    assert past["text"].endswith(f"was caused by {cause['cause_code']} of {cause['component']}")
    same = next(one for one in found["items"] if one["cause_code"] == cause["cause_code"])
    assert past["id"] in {one["id"] for one in same["evidence"]}
    assert same["confidence_score"] > cause["confidence_score"]


def usual(found: dict[str, Any], code: str) -> str:
    """What a run says of how usual a cause is."""
    (one,) = [each for each in found["items"] if each["cause_code"] == code]
    return str(next(factor["why"] for factor in one["factors"] if factor["name"] == "base rate"))


async def test_what_was_confirmed_in_other_incidents_within_a_year_moves_the_prior_and_the_factor_says_so(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    _, cause = await confirmed(app, tenant)
    code = cause["cause_code"]
    assert code != "none"
    assert "confirmed here" not in usual({"items": [cause]}, code)
    later = await fired_again(app, tenant, clock)
    assert usual(later, code).endswith("in general, and 1 of 1 confirmed here within a year.")
    tenant = await sign_in_again(app, tenant)
    move = {"to": "resolved", "note": "done"}
    await app.call("POST", f"incidents/{later['incident_id']}/transitions", move, token=tenant.token)
    await app.carry()
    clock.advance(days=365)
    much_later = await fired_again(app, tenant, clock)
    assert much_later["incident_id"] != later["incident_id"]
    assert "confirmed here" not in usual(much_later, code)


async def test_what_is_confirmed_of_an_incident_is_no_prior_of_its_own(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    incident, cause = await confirmed(app, tenant)
    path = f"incidents/{incident['id']}/hypotheses"
    clock.advance(seconds=30)
    await app.call("POST", path, {"refresh": True}, token=tenant.token)
    await app.carry()
    found = (await app.call("GET", path, token=tenant.token)).json
    assert found["run"] == 2
    assert "confirmed here" not in usual(found, cause["cause_code"])


async def test_similar_incidents_say_what_they_turned_out_to_be(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    incident, cause = await confirmed(app, tenant)
    decided_at = clock.now()
    found = await fired_again(app, tenant, clock)
    tenant = await sign_in_again(app, tenant)
    path = f"incidents/{found['incident_id']}/similar"
    (alike,) = (await app.call("GET", path, token=tenant.token)).json["items"]
    assert alike["id"] == incident["id"]
    about = {"component": cause["component"], "cause_code": cause["cause_code"]}
    assert alike["cause"] == about | {"confirmed_at": decided_at.isoformat().replace("+00:00", "Z")}
    back = (await app.call("GET", f"incidents/{incident['id']}/similar", token=tenant.token)).json["items"]
    assert [one["cause"] for one in back] == [None]


async def test_another_tenants_causes_are_not_remembered(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    await confirmed(app, await register(app))
    found = await fired_again(app, tenant, clock)
    assert not [one for one in found["evidence"] if one["kind"] == "history"]
