"""Saved views of the list of incidents."""

from typing import Any

import pytest

from tests.fixtures import App, Tenant, register


async def save(app: App, token: str, name: str = "mine", **more: Any) -> dict[str, Any]:
    answer = await app.call("POST", "saved-views", {"name": name, **more}, token=token)
    assert answer.status == 201, answer.content
    made: dict[str, Any] = answer.json
    return made


async def names(app: App, token: str) -> list[str]:
    return [one["name"] for one in (await app.call("GET", "saved-views", token=token)).json["items"]]


async def key(app: App, tenant: Tenant, role: str) -> str:
    made = await app.call("POST", "api-keys", {"name": role, "role": role}, token=tenant.token)
    return str(made.json["key"])


async def test_a_view_keeps_the_filters_that_differ_from_the_defaults(app: App, tenant: Tenant) -> None:
    kept = {"state": ["detected"], "label": ["team:db"], "open": True, "from": "2026-01-01T00:00:00Z"}
    view = await save(app, tenant.token, filters={**kept, "label": "team:db", "archived": False})
    assert view["filters"] == kept
    assert (view["is_own"], view["shared"], view["version"]) == (True, False, 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a", "filters": {"states": []}}, "filters.states"),
        ({"name": "a", "filters": {"sort": "relevance"}}, "filters.sort"),
        ({"name": "a", "filters": {"limit": 3}}, "filters.limit"),
    ],
)
async def test_a_view_that_no_list_would_take_is_refused(
    app: App, tenant: Tenant, body: dict[str, Any], field: str
) -> None:
    answer = await app.call("POST", "saved-views", body, token=tenant.token)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)


async def test_two_views_of_one_owner_have_two_names(app: App, tenant: Tenant) -> None:
    view = await save(app, tenant.token)
    other = await save(app, tenant.token, "other")
    assert (await app.call("POST", "saved-views", {"name": "mine"}, token=tenant.token)).status == 409
    renamed = await app.call("PATCH", f"saved-views/{other['id']}", {"name": "mine"}, token=tenant.token)
    assert renamed.status == 409
    assert (await app.call("DELETE", f"saved-views/{view['id']}", token=tenant.token)).status == 204
    await save(app, tenant.token)
    assert await names(app, tenant.token) == ["mine", "other"]


async def test_a_shared_view_is_seen_by_all_and_changed_by_its_owner(app: App, tenant: Tenant) -> None:
    engineer = await key(app, tenant, "engineer")
    own, shared = await save(app, tenant.token, "own"), await save(app, tenant.token, "shared", shared=True)
    assert await names(app, engineer) == ["shared"]
    for method, body in (("PATCH", {"name": "taken"}), ("DELETE", None)):
        hidden = await app.call(method, f"saved-views/{own['id']}", body, token=engineer)
        refused = await app.call(method, f"saved-views/{shared['id']}", body, token=engineer)
        assert (hidden.status, refused.status) == (404, 403)
    assert await names(app, tenant.token) == ["own", "shared"]


async def test_only_who_acts_on_incidents_shares(app: App, tenant: Tenant) -> None:
    viewer = await key(app, tenant, "viewer")
    own = await save(app, viewer)
    assert (await app.call("POST", "saved-views", {"name": "ours", "shared": True}, token=viewer)).status == 403
    assert (await app.call("PATCH", f"saved-views/{own['id']}", {"shared": True}, token=viewer)).status == 403


async def test_a_change_needs_the_version_that_was_seen(app: App, tenant: Tenant) -> None:
    path = f"saved-views/{(await save(app, tenant.token))['id']}"
    seen = {"if-match": '"1"'}
    changed = await app.call("PATCH", path, {"filters": {"open": True}}, token=tenant.token, headers=seen)
    assert (changed.json["filters"], changed.json["name"], changed.json["version"]) == ({"open": True}, "mine", 2)
    assert (await app.call("PATCH", path, {"name": "b"}, token=tenant.token, headers=seen)).status == 412
    same = await app.call("PATCH", path, {"filters": {"open": True}}, token=tenant.token)
    assert same.json["version"] == 2


async def test_a_view_of_another_project_is_not_there(app: App, tenant: Tenant) -> None:
    view = await save(app, tenant.token, shared=True)
    stranger = await register(app)
    assert await names(app, stranger.token) == []
    answer = await app.call("PATCH", f"saved-views/{view['id']}", {"name": "b"}, token=stranger.token)
    missing = await app.call("PATCH", f"saved-views/{tenant.user_id}", {"name": "b"}, token=stranger.token)
    assert (answer.status, answer.json["title"]) == (404, missing.json["title"])


async def test_a_removed_view_is_gone(app: App, tenant: Tenant) -> None:
    path = f"saved-views/{(await save(app, tenant.token))['id']}"
    assert (await app.call("DELETE", path, token=tenant.token)).status == 204
    assert (await app.call("DELETE", path, token=tenant.token)).status == 404
    assert await names(app, tenant.token) == []


async def test_many_views_come_in_pages_that_join_up(app: App, tenant: Tenant) -> None:
    for name in ("c", "a_2", "b"):
        await save(app, tenant.token, name)
    first = (await app.call("GET", "saved-views?limit=1", token=tenant.token)).json
    path = f"saved-views?cursor={first['next_cursor']}"
    rest = (await app.call("GET", path, token=tenant.token)).json
    assert [one["name"] for one in first["items"] + rest["items"]] == ["a_2", "b", "c"]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("cursor", ["djE6eA", "djE6MDFhMjAxODMtNTYwMS03M2JhLWE1NWUtOGUwZmQwZDUxNDg1XwA", "?"])
async def test_a_cursor_that_no_page_gave_is_refused(app: App, tenant: Tenant, cursor: str) -> None:
    assert (await app.call("GET", f"saved-views?cursor={cursor}", token=tenant.token)).status == 422
