"""The catalogue: services made, shown, changed and taken away, and what they depend on."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from shared.services.events import (
    DependencyAdded,
    DependencyRemoved,
    ServiceCreated,
    ServiceRemoved,
    ServiceUpdated,
)
from tests.fixtures import App, Tenant, register
from tests.shared.platform.recording import Log

FULL: dict[str, Any] = {
    "name": "checkout",
    "display_name": "Checkout",
    "description": "Takes the money",
    "owner": "team-pay",
    "tier": 1,
    "runbook_url": "https://wiki.example.com/checkout",
    "links": [{"title": "Dashboard", "url": "https://grafana.example.com/d/1"}],
}


async def make(app: App, tenant: Tenant, name: str, **given: Any) -> dict[str, Any]:
    answer = await app.call("POST", "services", {"name": name, **given}, token=tenant.token)
    assert answer.status == 201, answer.content
    made: dict[str, Any] = answer.json
    return made


async def show(app: App, tenant: Tenant, service: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await app.call("GET", f"services/{service['id']}", token=tenant.token)).json
    return found


async def depend(app: App, tenant: Tenant, caller: dict[str, Any], callee: dict[str, Any], method: str = "PUT") -> Any:
    path = f"services/{caller['id']}/dependencies/{callee['id']}"
    return await app.call(method, path, token=tenant.token)


def log(owner: psycopg.AsyncConnection, tenant: Tenant) -> Log:
    return Log(owner, tenant.tenant_id)  # type: ignore[arg-type]  # psycopg takes text for a uuid


async def test_a_service_is_shown_as_it_was_made(app: App, tenant: Tenant) -> None:
    made = await make(app, tenant, **FULL)
    assert {name: made[name] for name in FULL} == FULL
    assert (made["source"], made["version"]) == ("manual", 1)
    assert await show(app, tenant, made) == {**made, "depends_on": [], "used_by": []}


async def test_a_name_is_taken_once_in_a_project(app: App, tenant: Tenant) -> None:
    first = await make(app, tenant, "checkout")
    taken = await app.call("POST", "services", {"name": " checkout "}, token=tenant.token)
    assert (taken.status, taken.json["type"]) == (409, "/problems/service-name-taken")
    other = await make(app, tenant, "cart")
    renamed = await app.call("PATCH", f"services/{other['id']}", {"name": "checkout"}, token=tenant.token)
    assert renamed.status == 409
    assert (await app.call("DELETE", f"services/{first['id']}", token=tenant.token)).status == 204
    assert (await make(app, tenant, "checkout"))["id"] != first["id"]
    await make(app, await register(app), "checkout")


async def test_of_many_who_take_one_name_at_once_one_gets_it(app: App, tenant: Tenant) -> None:
    answers = await asyncio.gather(
        *(app.call("POST", "services", {"name": "checkout"}, token=tenant.token) for _ in range(5))
    )
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409, 409]


async def test_a_change_says_what_changed_and_null_takes_away(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    made = await make(app, tenant, **FULL)
    path = f"services/{made['id']}"
    changed = await app.call("PATCH", path, {"tier": None, "owner": "team-cart"}, token=tenant.token)
    assert (changed.json["tier"], changed.json["owner"], changed.json["version"]) == (None, "team-cart", 2)
    assert changed.json["links"] == FULL["links"]
    for body in ({}, {"owner": "team-cart"}, {"links": FULL["links"]}):
        assert (await app.call("PATCH", path, body, token=tenant.token)).json["version"] == 2
    await app.call("DELETE", path, token=tenant.token)
    events = await log(owner, tenant).rows(ServiceCreated, ServiceUpdated, ServiceRemoved)
    assert [one["type"] for one in events] == ["service.created", "service.updated", "service.removed"]
    assert events[1]["changes"] == {"tier": [1, None], "owner": ["team-pay", "team-cart"]}


async def test_who_saw_an_older_version_changes_nothing(app: App, tenant: Tenant) -> None:
    made = await make(app, tenant, "checkout")
    path = f"services/{made['id']}"
    assert (await app.call("PATCH", path, {"tier": 2}, token=tenant.token, headers={"if-match": '"1"'})).status == 200
    for method in ("PATCH", "DELETE"):
        stale = await app.call(method, path, {"tier": 3}, token=tenant.token, headers={"if-match": '"1"'})
        assert stale.status == 412
    assert (await app.call("DELETE", path, token=tenant.token, headers={"if-match": '"2"'})).status == 204
    assert (await app.call("GET", path, token=tenant.token)).status == 404


async def test_pages_go_by_name_and_join_up(app: App, tenant: Tenant) -> None:
    for name in ("d", "b", "a", "c", "e"):
        await make(app, tenant, name, owner="odd" if name in "ace" else "even")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await app.call("GET", f"services?limit=2{cursor}", token=tenant.token)).json
        seen += [one["name"] for one in page["items"]]
        cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None
    assert seen == ["a", "b", "c", "d", "e"]
    of_a_team = (await app.call("GET", "services?owner=even", token=tenant.token)).json["items"]
    assert [one["name"] for one in of_a_team] == ["b", "d"]


async def test_a_dependency_is_seen_from_both_ends_and_once(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    web, checkout = await make(app, tenant, "web"), await make(app, tenant, "checkout")
    made = [await depend(app, tenant, web, checkout) for _ in range(2)]
    assert [one.status for one in made] == [200, 200]
    assert (made[0].json["caller"], made[0].json["callee"], made[0].json["source"]) == ("web", "checkout", "manual")
    assert (await show(app, tenant, web))["depends_on"] == [made[1].json]
    assert (await show(app, tenant, checkout))["used_by"] == [made[1].json]
    assert (await depend(app, tenant, web, checkout, "DELETE")).status == 204
    again = await depend(app, tenant, web, checkout, "DELETE")
    assert (again.status, again.json["type"]) == (404, "/problems/dependency-not-found")
    assert (await show(app, tenant, web))["depends_on"] == []
    await depend(app, tenant, web, checkout)
    assert len((await show(app, tenant, web))["depends_on"]) == 1
    events = await log(owner, tenant).rows(DependencyAdded, DependencyRemoved)
    assert [one["type"].rpartition("_")[2] for one in events] == ["added", "removed", "added"]


async def test_services_may_depend_on_each_other_but_not_on_themselves(app: App, tenant: Tenant) -> None:
    web, checkout = await make(app, tenant, "web"), await make(app, tenant, "checkout")
    assert [(await depend(app, tenant, *pair)).status for pair in ((web, checkout), (checkout, web))] == [200, 200]
    itself = await depend(app, tenant, web, web)
    assert (itself.status, itself.json["errors"][0]["field"]) == (422, "callee_id")


async def test_a_service_that_is_removed_takes_its_dependencies_along(app: App, tenant: Tenant) -> None:
    web, checkout = await make(app, tenant, "web"), await make(app, tenant, "checkout")
    await depend(app, tenant, web, checkout)
    await app.call("DELETE", f"services/{checkout['id']}", token=tenant.token)
    assert (await show(app, tenant, web))["depends_on"] == []
    await make(app, tenant, "checkout")
    assert (await show(app, tenant, web))["depends_on"] == []


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_another_tenant_s_service_and_none_look_alike(app: App, tenant: Tenant, method: str) -> None:
    theirs = await make(app, await register(app), "checkout")
    answers = [
        await app.call(method, f"services/{one}", {} if method == "PATCH" else None, token=tenant.token)
        for one in (theirs["id"], uuid4())
    ]
    assert [answer.status for answer in answers] == [404, 404]
    assert len({json.dumps({**answer.json, "trace_id": ""}) for answer in answers}) == 1


async def test_no_dependency_reaches_into_another_tenant(app: App, tenant: Tenant) -> None:
    ours, theirs = await make(app, tenant, "web"), await make(app, await register(app), "checkout")
    for pair in ((ours, theirs), (theirs, ours)):
        assert (await depend(app, tenant, *pair)).status == 404


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"tier": 0}, "tier"),
        ({"tier": 6}, "tier"),
        ({"runbook_url": "javascript:alert(1)"}, "runbook_url"),
        ({"links": [{"title": "x", "url": "data:text/html,x"}]}, "links.0.url"),
        ({"links": [{"title": "x", "url": ""}]}, "links.0.url"),
        ({"links": [{"title": "x", "url": "https://example.com"}] * 21}, "links"),
        ({"description": "x\u0000"}, "description"),
        ({"source": "learned"}, "source"),
    ],
)
async def test_a_field_that_is_wrong_is_named(app: App, tenant: Tenant, given: dict[str, Any], field: str) -> None:
    answer = await app.call("POST", "services", {"name": "checkout", **given}, token=tenant.token)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)
