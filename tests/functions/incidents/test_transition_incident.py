"""People move incidents, within the law."""

from typing import Any

import pytest

from tests.fixtures import App, StoppedClock, Tenant, opened, payload, register, sign_in_again


async def test_a_person_moves_an_incident_along_its_life(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    path = f"incidents/{incident['id']}"
    for state in ("acknowledged", "investigating", "mitigated", "resolved"):
        moved = await app.call("POST", f"{path}/transitions", {"to": state}, token=tenant.token)
        assert (moved.status, moved.json["state"]) == (200, state)
    assert moved.json["version"] == 5
    assert moved.headers["ETag"] == '"5"'
    entries = (await app.call("GET", f"{path}/timeline", token=tenant.token)).json["items"]
    moves = [entry for entry in entries if entry["type"] == "incident.updated"]
    assert [entry["changes"]["state"][1] for entry in moves] == [
        "acknowledged",
        "investigating",
        "mitigated",
        "resolved",
    ]
    assert {entry["actor"]["name"] for entry in moves} == {tenant.email}


async def test_a_move_that_does_not_exist_is_refused_with_those_that_do(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    answer = await app.call("POST", f"incidents/{incident['id']}/transitions", {"to": "mitigated"}, token=tenant.token)
    assert (answer.status, answer.json["type"]) == (409, "/problems/illegal-transition")
    assert answer.json["allowed"] == incident["allowed_transitions"] == ["acknowledged", "investigating", "resolved"]


async def test_a_skip_needs_a_note(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    path = f"incidents/{incident['id']}/transitions"
    refused = await app.call("POST", path, {"to": "resolved", "note": "  "}, token=tenant.token)
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "note")
    assert incident["notes_needed"] == ["investigating", "resolved"]
    moved = await app.call("POST", path, {"to": "resolved", "note": "False alarm"}, token=tenant.token)
    assert (moved.status, moved.json["state"]) == (200, "resolved")


async def test_a_stale_version_is_refused(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    path = f"incidents/{incident['id']}/transitions"
    moved = await app.call("POST", path, {"to": "acknowledged"}, token=tenant.token, headers={"if-match": '"1"'})
    assert moved.status == 200
    stale = await app.call("POST", path, {"to": "investigating"}, token=tenant.token, headers={"if-match": '"1"'})
    assert (stale.status, stale.json["expected"], stale.json["actual"]) == (412, 1, 2)


@pytest.mark.parametrize(
    ("body", "status"),
    [({"to": "unheard_of"}, 422), ({"to": "acknowledged", "extra": 1}, 422), ({}, 422), (b"{", 400)],
)
async def test_a_body_that_is_wrong_is_refused(app: App, tenant: Tenant, body: Any, status: int) -> None:
    incident = await opened(app, tenant)
    answer = await app.call("POST", f"incidents/{incident['id']}/transitions", body, token=tenant.token)
    assert answer.status == status
    assert answer.json["errors"]


async def test_an_if_match_that_is_no_etag_is_refused(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    answer = await app.call(
        "POST",
        f"incidents/{incident['id']}/transitions",
        {"to": "acknowledged"},
        token=tenant.token,
        headers={"if-match": "1; drop"},
    )
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "If-Match")


async def test_a_viewer_reads_but_does_not_act(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    made = await app.call("POST", "api-keys", {"name": "screen", "role": "viewer"}, token=tenant.token)
    key = made.json["key"]
    seen = await app.call("GET", f"incidents/{incident['id']}", token=key)
    assert (seen.status, seen.json["allowed_transitions"]) == (200, [])
    answer = await app.call("POST", f"incidents/{incident['id']}/transitions", {"to": "acknowledged"}, token=key)
    assert answer.status == 403


async def test_another_tenants_incident_answers_as_one_that_does_not_exist(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    stranger = await register(app)
    missing = "01a2003b-b320-7149-b53c-6a0ff7d4daab"
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/timeline", None),
        ("GET", "/alerts", None),
        ("GET", "/workflow", None),
        ("GET", "/hypotheses", None),
        ("POST", "/transitions", {"to": "acknowledged"}),
    ):
        answers = [
            await app.call(method, f"incidents/{one}{path}", body, token=stranger.token)
            for one in (incident["id"], missing, "no-id-at-all")
        ]
        assert {answer.status for answer in answers} == {404}
        assert len({answer.json["title"] for answer in answers[:2]}) == 1


async def test_reopening_is_refused_while_another_incident_is_open_on_the_same_problem(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    first = await opened(app, tenant)
    path = f"incidents/{first['id']}/transitions"
    await app.call("POST", path, {"to": "resolved", "note": "done"}, token=tenant.token)
    clock.advance(hours=1)
    tenant = await sign_in_again(app, tenant)
    refired = payload("alertmanager-firing")
    refired["alerts"][0]["startsAt"] = clock.now().isoformat()
    await app.call("POST", "webhooks/alertmanager", refired, token=tenant.ingest_token)
    assert len((await app.call("GET", "incidents", token=tenant.token)).json["items"]) == 2
    answer = await app.call("POST", path, {"to": "investigating", "note": "again"}, token=tenant.token)
    assert (answer.status, answer.json["type"]) == (409, "/problems/another-incident-open")
