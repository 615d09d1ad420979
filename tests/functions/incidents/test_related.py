"""Incidents on two ends of a dependency are linked, once, or attached."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from shared.incidents.events import IncidentCreated
from tests.fixtures import App, StoppedClock, Tenant, register
from tests.functions.incidents.near import fire
from tests.functions.services.test_import import bring_in, catalogue
from tests.functions.services.test_services import log

pytestmark = pytest.mark.xdist_group("queues")

SHOP = {
    "services": [
        {"name": "web", "depends_on": ["cart"]},
        {"name": "cart", "depends_on": ["db"]},
        {"name": "db", "depends_on": ["disk"]},
        {"name": "disk", "depends_on": ["power"]},
        {"name": "mail"},
    ]
}


async def related(app: App, tenant: Tenant, incident: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await app.call("GET", f"incidents/{incident['id']}/related", token=tenant.token)
    assert answer.status == 200, answer.content
    found: list[dict[str, Any]] = answer.json["items"]
    return found


async def attach(app: App, tenant: Tenant) -> None:
    path = f"projects/{tenant.project_id}/policies"
    answer = await app.call("PATCH", path, {"related": "attach"}, token=tenant.token)
    assert answer.status == 200, answer.content


async def test_both_ends_of_a_dependency_show_each_other_with_the_reason(app: App, tenant: Tenant) -> None:
    await bring_in(app, tenant, SHOP)
    cause, effect = await fire(app, tenant, "db"), await fire(app, tenant, "web")
    await app.carry()
    (seen,) = await related(app, tenant, effect)
    assert (seen["id"], seen["kind"], seen["direction"], seen["state"]) == (cause["id"], "related", "to", "detected")
    assert seen["via"] == ["web", "cart", "db"]
    assert seen["reason"] == "web depends on db, through cart."
    (back,) = await related(app, tenant, cause)
    assert (back["id"], back["direction"], back["link_id"]) == (effect["id"], "from", seen["link_id"])
    for one, other in ((cause, effect), (effect, cause)):
        entries = await app.call("GET", f"incidents/{one['id']}/timeline", token=tenant.token)
        notes = [entry["note"] for entry in entries.json["items"] if entry["note"]]
        assert notes == [f"Related to INC-{other['number']}: web depends on db, through cart."]


async def test_strangers_and_those_too_far_apart_are_not_related(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    await bring_in(app, tenant, SHOP)
    first = await fire(app, tenant, "web")
    await app.carry()
    for far in ("mail", "disk", "power", "unknown to the catalogue"):
        await fire(app, tenant, far)
        await app.carry()
    assert {one["service_name"] for one in await related(app, tenant, first)} == {"disk"}
    clock.advance(minutes=5, seconds=1)
    await fire(app, tenant, "cart")
    await app.carry()
    assert {one["service_name"] for one in await related(app, tenant, first)} == {"disk"}


async def test_what_is_closed_is_not_related(app: App, tenant: Tenant) -> None:
    await bring_in(app, tenant, SHOP)
    first = await fire(app, tenant, "db")
    body = {"to": "resolved", "note": "done"}
    await app.call("POST", f"incidents/{first['id']}/transitions", body, token=tenant.token)
    await fire(app, tenant, "cart")
    await app.carry()
    assert await related(app, tenant, first) == []


@pytest.mark.parametrize("policy", ["link", "attach"])
async def test_two_that_open_at_one_moment_are_related_once(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection, policy: str
) -> None:
    await bring_in(app, tenant, SHOP)
    if policy == "attach":
        await attach(app, tenant)
    first, second = await fire(app, tenant, "db"), await fire(app, tenant, "cart")
    events = await log(owner, tenant).rows(IncidentCreated)
    messages = [json.dumps({"tenant": tenant.tenant_id, "events": [str(one["id"])]}) for one in events]
    await asyncio.gather(*(app.hand("drive_incident", text) for text in messages * 3))
    query = "select count(*) from incident_links where tenant_id = %s"
    links = await (await owner.execute(query, (tenant.tenant_id,))).fetchone()
    shown = [(await app.call("GET", f"incidents/{one['id']}", token=tenant.token)).json for one in (first, second)]
    if policy == "link":
        assert (links, [one["state"] for one in shown]) == ((1,), ["detected", "detected"])
    else:
        assert (links, [one["alert_count"] for one in shown]) == ((0,), [2, 0])
        assert [one["state"] for one in shown] == ["detected", "resolved"]


async def test_what_people_have_taken_up_is_linked_and_not_attached(app: App, tenant: Tenant) -> None:
    await bring_in(app, tenant, SHOP)
    await attach(app, tenant)
    first, second = await fire(app, tenant, "db"), await fire(app, tenant, "cart")
    await app.call("POST", f"incidents/{second['id']}/transitions", {"to": "acknowledged"}, token=tenant.token)
    await app.carry()
    assert [one["id"] for one in await related(app, tenant, first)] == [second["id"]]
    kept = (await app.call("GET", f"incidents/{second['id']}", token=tenant.token)).json
    assert (kept["state"], kept["alert_count"]) == ("acknowledged", 1)


async def test_a_link_that_people_took_away_does_not_come_back(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    await bring_in(app, tenant, SHOP)
    first = await fire(app, tenant, "db")
    await fire(app, tenant, "cart")
    await app.carry()
    assert len(await related(app, tenant, first)) == 1
    await owner.execute("update incident_links set removed_at = now() where tenant_id = %s", (tenant.tenant_id,))
    for event in await log(owner, tenant).rows(IncidentCreated):
        text = json.dumps({"tenant": tenant.tenant_id, "events": [str(event["id"])]})
        await app.hand("drive_incident", text)
    await app.call("POST", "services", {"name": "raises the project's version"}, token=tenant.token)
    assert await related(app, tenant, first) == []


async def test_services_and_calls_are_learned_from_alerts(app: App, tenant: Tenant) -> None:
    first = await fire(app, tenant, "checkout", upstream="payments")
    await fire(app, tenant, "payments")
    await app.carry()
    found = await catalogue(app, tenant)
    assert {name: one["source"] for name, one in found.items()} == {"checkout": "learned", "payments": "learned"}
    assert [one["reason"] for one in await related(app, tenant, first)] == ["checkout depends on payments."]


async def test_what_was_learned_never_replaces_what_people_said(app: App, tenant: Tenant) -> None:
    await bring_in(app, tenant, {"services": [{"name": "checkout", "owner": "team-pay", "depends_on": ["payments"]}]})
    found = await catalogue(app, tenant)
    path = f"services/{found['checkout']['id']}"
    await app.call("DELETE", f"{path}/dependencies/{found['payments']['id']}", token=tenant.token)
    gone = await app.call("POST", "services", {"name": "search"}, token=tenant.token)
    await app.call("DELETE", f"services/{gone.json['id']}", token=tenant.token)
    await fire(app, tenant, "checkout", upstream="payments", dependency="search")
    await app.carry()
    shown = (await app.call("GET", path, token=tenant.token)).json
    assert (shown["owner"], shown["source"], shown["version"], shown["depends_on"]) == ("team-pay", "import", 1, [])
    assert set(await catalogue(app, tenant)) == {"checkout", "payments"}


async def test_an_alert_that_joined_later_teaches_when_it_ends(app: App, tenant: Tenant) -> None:
    firing = await fire(app, tenant, "checkout")
    await app.carry()
    alert = {
        "labels": {"alertname": "Slow", "service": "ledger", "severity": "low"},
        "startsAt": "2026-11-20T10:01:00Z",
    }
    group = {"service": "checkout", "alertname": "Down"}
    for status in ("firing", "resolved"):
        body = {"alerts": [{**alert, "status": status}], "groupLabels": group}
        await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    await app.carry()
    assert firing["service_name"] == "checkout"
    assert set(await catalogue(app, tenant)) == {"checkout", "ledger"}


async def test_another_tenant_s_incident_and_none_look_alike(app: App, tenant: Tenant) -> None:
    other = await register(app)
    theirs = await fire(app, other, "db")
    answers = [await app.call("GET", f"incidents/{one}/related", token=tenant.token) for one in (theirs["id"], uuid4())]
    assert [one.status for one in answers] == [404, 404]
    assert len({json.dumps({**one.json, "trace_id": ""}) for one in answers}) == 1
