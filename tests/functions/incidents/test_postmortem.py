"""A postmortem: suggested from what is known, saved, published, edited, exported."""

import json
from typing import Any
from uuid import uuid4

import pytest

from scripts.proof.functions import Response
from tests.fixtures import App, StoppedClock, Tenant, opened, register

BODY = {"body": "# What happened\n\nIt was *us*.", "action_items": [{"title": "Do better", "owner": "ann"}]}


async def ask(
    app: App, tenant: Tenant, method: str, incident: dict[str, Any], below: str = "", **given: Any
) -> Response:
    return await app.call(method, f"incidents/{incident['id']}/postmortem{below}", token=tenant.token, **given)


async def resolved(app: App, tenant: Tenant, note: str = "rolled back") -> dict[str, Any]:
    incident = await opened(app, tenant)
    body = {"to": "resolved", "note": note}
    await app.call("POST", f"incidents/{incident['id']}/transitions", body, token=tenant.token)
    return incident


async def state_of(app: App, tenant: Tenant, incident: dict[str, Any]) -> str:
    return str((await app.call("GET", f"incidents/{incident['id']}", token=tenant.token)).json["state"])


async def test_a_draft_is_suggested_until_somebody_saves(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    incident = await opened(app, tenant)
    await app.carry()
    await app.call("POST", f"incidents/{incident['id']}/transitions", {"to": "acknowledged"}, token=tenant.token)
    clock.advance(minutes=5)
    body = {"to": "resolved", "note": "rolled back [v2](x)"}
    await app.call("POST", f"incidents/{incident['id']}/transitions", body, token=tenant.token)
    found = (await ask(app, tenant, "GET", incident)).json
    assert (found["standing"], found["version"], found["published"]) == ("suggested", 0, None)
    assert f"# Postmortem of INC-1: {incident['title']}" in found["body"]
    for said in (
        "| Resolved (time to resolve) |",
        "| 5 min |",
        "No cause is confirmed",
        "1. ",
        f"detected → acknowledged, by {tenant.email}",
        rf"by {tenant.email}: rolled back \[v2\](x)",
    ):
        assert said in found["body"]


async def test_what_was_saved_is_shown_and_published_with_its_incident_learned(app: App, tenant: Tenant) -> None:
    incident = await resolved(app, tenant)
    saved = await ask(app, tenant, "PUT", incident, body=BODY)
    assert (saved.status, saved.json["standing"], saved.json["version"]) == (200, "draft", 1)
    assert (await ask(app, tenant, "GET", incident)).json == saved.json
    published = await ask(app, tenant, "POST", incident, "/publish")
    assert published.status == 200, published.content
    assert (published.json["standing"], published.json["published"]["by"]) == ("published", tenant.email)
    assert await state_of(app, tenant, incident) == "learned"
    timeline = (await app.call("GET", f"incidents/{incident['id']}/timeline", token=tenant.token)).json["items"]
    assert [one["type"] for one in timeline][-3:] == ["postmortem.saved", "incident.updated", "postmortem.published"]
    assert "It was" not in json.dumps(timeline)


async def test_edits_after_publishing_are_a_new_version_beside_the_published_one(app: App, tenant: Tenant) -> None:
    incident = await resolved(app, tenant)
    await ask(app, tenant, "PUT", incident, body=BODY)
    await ask(app, tenant, "POST", incident, "/publish")
    edited = (await ask(app, tenant, "PUT", incident, body={"body": "Better."})).json
    assert (edited["standing"], edited["version"], edited["body"]) == ("edited", 2, "Better.")
    assert (edited["published"]["version"], edited["published"]["body"]) == (1, BODY["body"])
    again = (await ask(app, tenant, "POST", incident, "/publish")).json
    assert (again["standing"], again["published"]["version"], again["published"]["body"]) == ("published", 2, "Better.")


async def test_publishing_twice_publishes_once(app: App, tenant: Tenant) -> None:
    incident = await resolved(app, tenant)
    await ask(app, tenant, "PUT", incident, body=BODY)
    answers = [await ask(app, tenant, "POST", incident, "/publish") for _ in range(2)]
    assert answers[0].json == answers[1].json
    timeline = (await app.call("GET", f"incidents/{incident['id']}/timeline", token=tenant.token)).json["items"]
    assert [one["type"] for one in timeline].count("postmortem.published") == 1


async def test_only_what_is_resolved_and_written_is_published(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    missing = await ask(app, tenant, "POST", incident, "/publish")
    assert (missing.status, missing.json["type"]) == (409, "/problems/postmortem-not-written")
    await ask(app, tenant, "PUT", incident, body=BODY)
    early = await ask(app, tenant, "POST", incident, "/publish")
    assert (early.status, early.json["type"]) == (409, "/problems/illegal-transition")
    assert (await ask(app, tenant, "GET", incident)).json["standing"] == "draft"


async def test_two_who_edit_do_not_overwrite_each_other(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    for seen, status in ((1, 412), (0, 200), (0, 412), (1, 200)):
        body = {"body": f"seen {seen}"}
        answer = await ask(app, tenant, "PUT", incident, body=body, headers={"if-match": f'"{seen}"'})
        assert answer.status == status
    assert (await ask(app, tenant, "POST", incident, "/publish", headers={"if-match": '"1"'})).status == 412


async def test_saving_the_same_again_changes_nothing(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    assert [(await ask(app, tenant, "PUT", incident, body=BODY)).json["version"] for _ in range(2)] == [1, 1]


async def test_it_is_exported_as_a_file(app: App, tenant: Tenant) -> None:
    incident = await resolved(app, tenant)
    suggested = await ask(app, tenant, "GET", incident, "/export")
    assert suggested.content.decode().startswith("# Postmortem of INC-1")
    items = [{"title": "Do *better*", "owner": "ann", "due": "2026-12-01", "done": True}, {"title": "Rest"}]
    await ask(app, tenant, "PUT", incident, body={"body": "Text.", "action_items": items})
    text = (await ask(app, tenant, "GET", incident, "/export")).content.decode()
    assert text.startswith("Text.\n\n## Action items\n\n- [x] Do \\*better\\* (ann, due 2026-12-01)\n- [ ] Rest\n")
    assert "Draft, not published." in text
    await ask(app, tenant, "POST", incident, "/publish")
    exported = await ask(app, tenant, "GET", incident, "/export")
    assert "Published on 2" in exported.content.decode()
    assert exported.headers["Content-Disposition"] == 'attachment; filename="postmortem.md"'
    assert exported.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"body": ""}, "body"),
        ({"body": "a\x00b"}, "body"),
        ({"body": "x" * 100_001}, "body"),
        ({"body": "x", "action_items": [{"title": " "}]}, "action_items.0.title"),
        ({"body": "x", "action_items": [{"title": "a", "due": "soon"}]}, "action_items.0.due"),
        ({"body": "x", "action_items": [{"title": "a"}] * 101}, "action_items"),
        ({"body": "x", "state": "learned"}, "state"),
    ],
)
async def test_a_field_that_is_wrong_is_named(app: App, tenant: Tenant, body: dict[str, Any], field: str) -> None:
    answer = await ask(app, tenant, "PUT", await opened(app, tenant), body=body)
    assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (422, [field])


@pytest.mark.parametrize(("method", "below"), [("GET", ""), ("PUT", ""), ("POST", "/publish"), ("GET", "/export")])
async def test_another_tenant_s_incident_and_none_look_alike(app: App, tenant: Tenant, method: str, below: str) -> None:
    theirs = await opened(app, await register(app))
    body = BODY if method == "PUT" else None
    answers = [await ask(app, tenant, method, one, below, body=body) for one in (theirs, {"id": uuid4()})]
    assert [answer.status for answer in answers] == [404, 404]
    assert len({json.dumps({**answer.json, "trace_id": ""}) for answer in answers}) == 1
