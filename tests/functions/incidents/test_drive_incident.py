"""The machine's own moves, through the queue."""

from typing import Any

from tests.fixtures import App, StoppedClock, Tenant, opened, payload, sign_in_again
from tests.shared.incidents.test_ingest import post, sent


async def state_of(app: App, tenant: Tenant, incident: dict[str, Any]) -> str:
    tenant = await sign_in_again(app, tenant)
    return str((await app.call("GET", f"incidents/{incident['id']}", token=tenant.token)).json["state"])


async def test_all_alerts_resolved_mitigates_and_quiet_resolves(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    incident = await opened(app, tenant)
    await app.carry()
    assert await state_of(app, tenant, incident) == "detected"
    await app.call("POST", "webhooks/alertmanager", payload("alertmanager-resolved"), token=tenant.ingest_token)
    await app.carry()
    assert await state_of(app, tenant, incident) == "mitigated"

    clock.advance(minutes=9)
    await app.tick("queue_due_incidents")
    await app.carry()
    assert await state_of(app, tenant, incident) == "mitigated"
    clock.advance(minutes=1)
    await app.tick("queue_due_incidents")
    await app.carry()
    assert await state_of(app, tenant, incident) == "resolved"
    entries = await app.call(
        "GET", f"incidents/{incident['id']}/timeline", token=(await sign_in_again(app, tenant)).token
    )
    assert [entry["note"] for entry in entries.json["items"] if entry["note"]] == [
        "All alerts have resolved.",
        "Quiet for 10 minutes.",
    ]


async def test_some_alerts_resolved_moves_nothing(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant, "alertmanager-grouped-20-prometheus-firing")
    some = payload("alertmanager-grouped-20-prometheus-resolved")
    some["alerts"] = some["alerts"][:19]
    await app.call("POST", "webhooks/alertmanager", some, token=tenant.ingest_token)
    await app.carry()
    assert await state_of(app, tenant, incident) == "detected"


async def test_firing_again_inside_the_window_reopens_and_later_opens_a_linked_one(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    incident = await opened(app, tenant)
    await app.call(
        "POST",
        f"incidents/{incident['id']}/transitions",
        {"to": "resolved", "note": "fixed"},
        token=tenant.token,
    )
    refired = payload("alertmanager-firing")
    clock.advance(minutes=29)
    refired["alerts"][0]["startsAt"] = clock.now().isoformat()
    await app.call("POST", "webhooks/alertmanager", refired, token=tenant.ingest_token)
    await app.carry()
    assert await state_of(app, tenant, incident) == "investigating"

    tenant = await sign_in_again(app, tenant)
    reopened = (await app.call("GET", f"incidents/{incident['id']}", token=tenant.token)).json
    assert (reopened["resolved_at"], reopened["mitigated_at"]) == (None, None)
    await app.call(
        "POST", f"incidents/{incident['id']}/transitions", {"to": "resolved", "note": "fixed"}, token=tenant.token
    )
    clock.advance(minutes=31)
    refired["alerts"][0]["startsAt"] = clock.now().isoformat()
    await app.call("POST", "webhooks/alertmanager", refired, token=tenant.ingest_token)
    await app.carry()
    assert await state_of(app, tenant, incident) == "resolved"
    tenant = await sign_in_again(app, tenant)
    newer, older = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    assert (newer["number"], older["id"]) == (2, incident["id"])
    assert await recurrences(app, tenant) == {(newer["id"], older["id"])}


async def recurrences(app: App, tenant: Tenant) -> set[tuple[str, str]]:
    """Return which incident recurs which, as each of the two says."""
    incidents = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    told = [
        {(one["incident_id"], one["other_id"]) for one in links.json["items"] if one["kind"] == "recurrence"}
        for links in [await app.call("GET", f"incidents/{one['id']}/links", token=tenant.token) for one in incidents]
    ]
    assert all(each == told[0] for each in told)
    return told[0]


async def test_firing_again_after_an_inconclusive_one_opens_a_linked_one_at_once(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    incident = await opened(app, tenant)
    for to in ("investigating", "inconclusive"):
        moved = {"to": to, "note": "nothing found"}
        await app.call("POST", f"incidents/{incident['id']}/transitions", moved, token=tenant.token)
    clock.advance(minutes=1)
    refired = payload("alertmanager-firing")
    refired["alerts"][0]["startsAt"] = clock.now().isoformat()
    await app.call("POST", "webhooks/alertmanager", refired, token=tenant.ingest_token)
    await app.carry()
    assert await state_of(app, tenant, incident) == "inconclusive"
    newer, older = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    assert (newer["state"], older["id"]) == ("detected", incident["id"])
    assert await recurrences(app, tenant) == {(newer["id"], older["id"])}


async def test_a_firing_that_arrives_after_its_resolved_opens_and_is_mitigated(app: App, tenant: Tenant) -> None:
    await app.call("POST", "webhooks/alertmanager", payload("alertmanager-resolved"), token=tenant.ingest_token)
    assert (await app.call("GET", "incidents", token=tenant.token)).json["items"] == []
    incident = await opened(app, tenant)
    await app.carry()
    assert await state_of(app, tenant, incident) == "mitigated"


async def test_acknowledged_stays_acknowledged_while_alerts_repeat(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    await app.call("POST", f"incidents/{incident['id']}/transitions", {"to": "acknowledged"}, token=tenant.token)
    again = await opened(app, tenant)
    await app.carry()
    assert (again["id"], await state_of(app, tenant, incident)) == (incident["id"], "acknowledged")


async def test_a_new_fire_after_clear_arms_an_acknowledged_incident_anew(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    await post(app, tenant, [sent(0, 0, "firing"), sent(1, 0, "firing")])
    (incident,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    path = f"incidents/{incident['id']}"
    await app.call("POST", f"{path}/transitions", {"to": "acknowledged"}, token=tenant.token)
    clock.advance(minutes=1)
    # repeated, joined by another one, and cleared: whoever acknowledged it goes on
    await post(app, tenant, [sent(0, 0, "firing"), sent(2, 0, "firing"), sent(1, 0, "resolved")])
    await app.carry()
    assert await state_of(app, tenant, incident) == "acknowledged"
    for _ in range(2):
        await post(app, tenant, [sent(1, 1, "firing")])
        await app.carry()
    found = (await app.call("GET", path, token=tenant.token)).json
    assert (found["state"], found["acknowledged_at"]) == ("detected", None)
    assert "acknowledged" in found["allowed_transitions"]
    again = await app.call("POST", f"{path}/transitions", {"to": "acknowledged"}, token=tenant.token)
    assert (again.status, again.json["state"]) == (200, "acknowledged")
    await app.carry()
    assert await state_of(app, tenant, incident) == "acknowledged"
