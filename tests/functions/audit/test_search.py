"""Who did what: one search over calls and changes."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.fixtures import App, StoppedClock, Tenant, register, sign_in_again
from tests.functions.access.people import invited
from tests.functions.audit.audited import everything, stored

PATHS = ("audit", "audit/calls", "audit/changes")


async def service(app: App, tenant: Tenant, name: str) -> dict[str, Any]:
    made: dict[str, Any] = (await app.call("POST", "services", {"name": name}, token=tenant.token)).json
    return made


async def test_a_call_says_who_what_from_where_and_how_it_ended(app: App, tenant: Tenant) -> None:
    headers = {"x-forwarded-for": "203.0.113.7:1234", "x-request-id": "request-of-mine"}
    missing = uuid4()
    await app.call("GET", f"incidents/{missing}", token=tenant.token, headers=headers)
    await stored(app)
    (call,) = await everything(app, f"audit/calls?resource={missing}", tenant.token)
    assert call["actor"] == {"kind": "user", "id": tenant.user_id, "name": tenant.email}
    assert (call["action"], call["method"], call["path"]) == ("get_incident", "GET", f"incidents/{missing}")
    assert (call["outcome"], call["status"]) == ("refused", 404)
    assert (call["request_id"], call["project_id"]) == ("request-of-mine", tenant.project_id)
    assert call["duration_ms"] > 0
    assert len(call["trace_id"]) == 32


async def test_who_guesses_at_a_password_is_seen_by_the_tenant_whose_account_it_is(app: App, tenant: Tenant) -> None:
    headers = {"x-forwarded-for": "203.0.113.9:1234"}
    guess = {"email": tenant.email, "password": "a guess of twelve"}
    answer = await app.call("POST", "auth/login", guess, headers=headers)
    stranger = await app.call("POST", "auth/login", {**guess, "email": f"{uuid4().hex}@example.com"}, headers=headers)
    assert (
        (answer.status, answer.json["title"])
        == (stranger.status, stranger.json["title"])
        == (401, stranger.json["title"])
    )
    await stored(app)
    refused = await everything(app, "audit/calls?action=login&outcome=refused", tenant.token)
    (call,) = [one for one in refused if one["address"] == "203.0.113.9"]
    assert (call["actor"]["name"], call["status"]) == (tenant.email, 401)


async def test_a_change_says_what_was_and_what_became(app: App, tenant: Tenant) -> None:
    body = {"name": "Renamed"}
    await app.call("PATCH", f"projects/{tenant.project_id}", body, token=tenant.token)
    (change,) = await everything(app, "audit/changes?action=project.updated", tenant.token)
    assert change["changes"]["name"]["after"] == "Renamed"
    assert change["changes"]["name"]["before"] not in {None, "Renamed"}
    assert (change["resource_id"], change["actor"]["id"]) == (tenant.project_id, tenant.user_id)


async def test_what_is_new_came_from_nothing(app: App, tenant: Tenant) -> None:
    made = await service(app, tenant, "checkout")
    (change,) = await everything(app, f"audit/changes?resource={made['id']}", tenant.token)
    assert change["changes"]["name"] == {"before": None, "after": "checkout"}


async def test_secrets_are_masked(app: App, tenant: Tenant) -> None:
    key = f"sre_key_{uuid4().hex}_abcdefghijkl"
    made = await service(app, tenant, "checkout")
    body = {"description": f"calls with {key}", "runbook_url": "https://ann:hunter2@wiki.example.com/"}
    answer = await app.call("PATCH", f"services/{made['id']}", body, token=tenant.token)
    assert answer.status == 200, answer.content
    found = await app.call("GET", "audit/changes?action=service.updated", token=tenant.token)
    assert len(found.json["items"]) == 1
    assert key.encode() not in found.content
    assert b"hunter2" not in found.content


async def test_both_are_one_list_the_newest_first(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    for name in ("one", "two", "three"):
        clock.advance(seconds=1)
        await service(app, tenant, name)
    await stored(app)
    found = await everything(app, "audit?limit=2", tenant.token)
    again = await everything(app, "audit?limit=200", tenant.token)
    ours = [one for one in found if one["action"] in {"create_service", "service.created"}]
    assert [one["at"] for one in found] == sorted((one["at"] for one in found), reverse=True)
    assert [one["kind"] for one in ours].count("call") == [one["kind"] for one in ours].count("change") == 3
    searched = {"search_audit"}  # searching is audited too
    assert [one for one in found if one["action"] not in searched] == [
        one for one in again if one["action"] not in searched
    ]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("limit", [1, 3])
async def test_pages_hold_everything_once(app: App, tenant: Tenant, path: str, limit: int) -> None:
    for number in range(4):
        await service(app, tenant, f"service {number}")
    await stored(app)
    until = (app.runtime.clock.now() + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    app.runtime.clock.advance(seconds=2)  # type: ignore[attr-defined]  # so that searching is not in what is searched
    whole = await everything(app, f"{path}?to={until}&limit=200", tenant.token)
    assert len(whole) >= 4
    assert await everything(app, f"{path}?to={until}&limit={limit}", tenant.token) == whole


@pytest.mark.parametrize(
    ("query", "calls", "changes"),
    [
        ("action=create_service", 3, 0),
        ("action=service.created", 0, 2),
        ("outcome=refused", 1, 0),
        ("outcome=failed", 0, 0),
        ("outcome=ok&q=service", 3, 2),
        ("q=SERVICE.CREATED", 0, 2),
        ("q=create_service", 3, 0),
        ("q=50%25", 0, 0),
        ("person={other}", 2, 0),
        ("person={owner}&q=service", 3, 2),
        ("resource={service}", 1, 1),
        ("from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z", 0, 0),
    ],
)
async def test_entries_are_found_by_what_they_say(
    app: App, tenant: Tenant, query: str, calls: int, changes: int
) -> None:
    other = await invited(app, tenant, "viewer")
    made = await service(app, tenant, "checkout")
    await service(app, tenant, "payments")
    await app.call("POST", "services", {"name": "forbidden"}, token=other.token)
    await app.call("GET", f"services/{made['id']}", token=tenant.token)
    await stored(app)
    asked = query.format(other=other.user_id, owner=tenant.user_id, service=made["id"])
    found = [
        one
        for path in PATHS[1:]
        for one in await everything(app, f"{path}?{asked}", tenant.token)
        if one["action"] not in {"list_audited_calls", "list_audited_changes"}
    ]
    kinds = [one["kind"] for one in found if "service" in one["action"] or one["kind"] == "call"]
    assert (kinds.count("call"), kinds.count("change")) == (calls, changes)


async def test_a_time_includes_its_beginning_and_not_its_end(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    clock.at = clock.at.replace(microsecond=0) + timedelta(seconds=5)
    for name in ("one", "two", "three"):
        await service(app, tenant, name)
        clock.advance(seconds=1)
    await stored(app)
    ends = [(clock.at - timedelta(seconds=n)).strftime("%Y-%m-%dT%H:%M:%SZ") for n in (2, 1)]
    for path, action in (("audit/calls", "create_service"), ("audit/changes", "service.created")):
        found = await everything(app, f"{path}?action={action}&from={ends[0]}&to={ends[1]}", tenant.token)
        assert [one["at"] for one in found] == [ends[0]], path


async def test_days_are_searched_one_after_the_other(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    await service(app, tenant, "one")
    clock.advance(days=35)
    again = await sign_in_again(app, tenant)
    await service(app, again, "two")
    await stored(app)
    since = (clock.now() - timedelta(days=60)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for path, action in (("audit/calls", "create_service"), ("audit/changes", "service.created")):
        assert len(await everything(app, f"{path}?action={action}&from={since}", again.token)) == 2
        assert len(await everything(app, f"{path}?action={action}", again.token)) == 1  # 30 days


async def second_project(app: App, tenant: Tenant) -> tuple[str, str]:
    """Another project of the tenant's owner: its id, and a token that is in it."""
    made = (await app.call("POST", "projects", {"name": "Another"}, token=tenant.token)).json
    there = await app.call("POST", "auth/switch-project", {"project_id": made["id"]}, token=tenant.token)
    return made["id"], there.json["access_token"]


async def test_an_admin_sees_their_project_and_the_tenant_s_owner_all(app: App, tenant: Tenant) -> None:
    admin = await invited(app, tenant, "admin")
    project_id, there = await second_project(app, tenant)
    await app.call("POST", "services", {"name": "elsewhere"}, token=there)
    await service(app, tenant, "here")
    await stored(app)
    for path in PATHS:
        theirs = await everything(app, f"{path}?limit=200", admin.token)
        assert {one["project_id"] for one in theirs} == {tenant.project_id}
        all_of_it = await everything(app, f"{path}?limit=200", tenant.token)
        assert {one["project_id"] for one in all_of_it} >= {tenant.project_id, project_id}
    assert "elsewhere" not in (await app.call("GET", "audit/export?kind=changes", token=admin.token)).content.decode()
    created = [
        next(one["calls"] for one in stats.json["by_action"] if one["action"] == "create_service")
        for stats in [await app.call("GET", "audit/stats", token=token) for token in (admin.token, tenant.token)]
    ]
    assert created == [1, 2]


@pytest.mark.parametrize("role", ["engineer", "viewer"])
async def test_others_see_nothing(app: App, tenant: Tenant, role: str) -> None:
    person = await invited(app, tenant, role)
    for path in (*PATHS, "audit/stats", "audit/verify", "audit/export"):
        assert (await app.call("GET", path, token=person.token)).status == 403


async def test_another_tenant_s_entries_are_not_there(app: App, tenant: Tenant) -> None:
    await service(app, tenant, "ours")
    stranger = await register(app)
    await stored(app)
    for path in PATHS:
        answer = await app.call("GET", f"{path}?limit=200", token=stranger.token)
        assert tenant.user_id.encode() not in answer.content
        asked = await everything(app, f"{path}?person={tenant.user_id}", stranger.token)
        assert asked == []


@pytest.mark.parametrize(
    "query",
    [
        *("cursor=x", "cursor=djE6eA", "cursor=djE6OTk5OTk5OTkv", "limit=0", "limit=201", "person=x", "outcome=maybe"),
        *("from=yesterday", "q=" + "x" * 201, "action=%00", "unknown=1"),
    ],
)
@pytest.mark.parametrize("path", PATHS)
async def test_a_search_that_makes_no_sense_is_refused(app: App, tenant: Tenant, path: str, query: str) -> None:
    asked = query.replace("%00", "\x00")
    assert (await app.call("GET", f"{path}?{asked}", token=tenant.token)).status == 422


async def test_a_filter_is_a_value_and_no_query(app: App, tenant: Tenant) -> None:
    for text in ("x' or PartitionKey ne '", "@p", "%"):
        assert (await app.call("GET", f"audit/calls?action={text}", token=tenant.token)).status == 422


async def test_whoever_signs_in_is_in_the_calls(app: App, tenant: Tenant) -> None:
    again = await sign_in_again(app, tenant)
    await stored(app)
    (found,) = await everything(app, "audit/calls?action=login", again.token)
    assert (found["actor"]["id"], found["project_id"]) == (tenant.user_id, tenant.project_id)
