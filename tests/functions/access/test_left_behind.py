"""Who is out does not come back by what they made while they were in."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from shared.access.events import ApiKeyRevoked, InvitationRevoked
from tests.fixtures import App, Tenant
from tests.functions.access.people import Person, accepted, invited
from tests.shared.platform.recording import Log

type Change = Callable[[App, Tenant, Person], Awaitable[int]]


async def invite(app: App, token: str, role: str = "admin") -> Any:
    body = {"email": f"{uuid4().hex[:12]}@example.com", "role": role}
    return (await app.call("POST", "invitations", body, token=token)).json


async def make_key(app: App, token: str) -> Any:
    return (await app.call("POST", "api-keys", {"name": "a program", "role": "admin"}, token=token)).json


async def disable(app: App, tenant: Tenant, person: Person) -> int:
    return (await app.call("PATCH", f"users/{person.user_id}", {"disabled": True}, token=tenant.token)).status


async def remove(app: App, tenant: Tenant, person: Person) -> int:
    path = f"projects/{tenant.project_id}/members/{person.user_id}"
    return (await app.call("DELETE", path, token=tenant.token)).status


async def set_role(app: App, tenant: Tenant, person: Person, role: str) -> int:
    path = f"projects/{tenant.project_id}/members/{person.user_id}"
    return (await app.call("PUT", path, {"role": role}, token=tenant.token)).status


@pytest.mark.parametrize("change", [disable, remove])
async def test_their_invitations_and_keys_end_with_them(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection, change: Change
) -> None:
    person = await invited(app, tenant, "admin")
    key = await make_key(app, person.token)
    ended = [await invite(app, person.token), await invite(app, key["key"])]
    assert await change(app, tenant, person) in {200, 204}
    assert [(await accepted(app, one["token"])).status for one in ended] == [404, 404]
    assert (await app.call("GET", "incidents", token=key["key"])).status == 401
    for path, ids in (("invitations", {one["id"] for one in ended}), ("api-keys", {key["id"]})):
        items = (await app.call("GET", path, token=tenant.token)).json["items"]
        assert {one["id"] for one in items if one["revoked_at"]} == ids
    rows = await Log(owner, UUID(tenant.tenant_id)).rows(InvitationRevoked, ApiKeyRevoked)
    assert {str(row["subject_id"]) for row in rows} == {key["id"], *(one["id"] for one in ended)}
    assert {str(row["actor_id"]) for row in rows} == {tenant.user_id}


@pytest.mark.parametrize("change", [disable, remove])
async def test_what_others_made_stays(app: App, tenant: Tenant, change: Change) -> None:
    person = await invited(app, tenant, "admin")
    invitation, key = await invite(app, tenant.token), (await make_key(app, tenant.token))["key"]
    assert await change(app, tenant, person) in {200, 204}
    assert (await accepted(app, invitation["token"])).status == 201
    assert (await app.call("GET", "incidents", token=key)).status == 200


async def test_whoever_leaves_one_project_leaves_theirs_in_another(app: App, tenant: Tenant) -> None:
    person = await invited(app, tenant, "admin")
    second = (await app.call("POST", "projects", {"name": "Second"}, token=tenant.token)).json["id"]
    elsewhere = replace(tenant, project_id=second)
    assert await set_role(app, elsewhere, person, "admin") == 200
    invitation, key = await invite(app, person.token), (await make_key(app, person.token))["key"]
    assert await remove(app, elsewhere, person) == 204
    assert (await accepted(app, invitation["token"])).status == 201
    assert (await app.call("GET", "incidents", token=key)).status == 200
    assert await set_role(app, elsewhere, person, "admin") == 200
    assert await remove(app, tenant, person) == 204
    assert (await app.call("GET", "incidents", token=key)).status == 401


async def test_a_lower_role_ends_invitations_into_higher_ones(app: App, tenant: Tenant) -> None:
    person = await invited(app, tenant, "admin")
    above, within = await invite(app, person.token, "admin"), await invite(app, person.token, "engineer")
    assert await set_role(app, tenant, person, "owner") == 200
    assert await set_role(app, tenant, person, "engineer") == 200
    assert (await accepted(app, above["token"])).status == 404
    assert (await accepted(app, within["token"])).status == 201


async def test_what_ended_with_an_account_stays_ended_when_it_opens_again(app: App, tenant: Tenant) -> None:
    person = await invited(app, tenant, "admin")
    invitation, key = await invite(app, person.token), (await make_key(app, person.token))["key"]
    await disable(app, tenant, person)
    await app.call("PATCH", f"users/{person.user_id}", {"disabled": False}, token=tenant.token)
    assert (await accepted(app, invitation["token"])).status == 404
    assert (await app.call("GET", "incidents", token=key)).status == 401


async def test_a_key_makes_no_keys(app: App, tenant: Tenant) -> None:
    key = (await make_key(app, tenant.token))["key"]
    answer = await app.call("POST", "api-keys", {"name": "another", "role": "viewer"}, token=key)
    assert (answer.status, answer.json["type"]) == (403, "/problems/people-only")
