"""Who is out does not come back by what they made while they were in."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from shared.access import commands, invitations
from shared.access.events import ApiKeyRevoked, InvitationRevoked
from shared.access.schemas import ApiKeyIn, InvitationIn
from shared.kernel.errors import Forbidden
from shared.kernel.values import Actor, ActorKind, ProjectId, Role, TenantId
from tests.fixtures import App, Tenant
from tests.functions.access.people import Person, accepted, invited
from tests.shared.platform.recording import Log
from tests.waiting import eventually

type Change = Callable[[App, Tenant, Person], Coroutine[Any, Any, int]]


async def invite(app: App, token: str, role: str = "admin") -> Any:
    body = {"email": f"{uuid4().hex[:12]}@example.com", "role": role}
    return (await app.call("POST", "invitations", body, token=token)).json


async def make_key(app: App, token: str, role: str = "admin") -> Any:
    return (await app.call("POST", "api-keys", {"name": "a program", "role": role}, token=token)).json


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


async def test_a_lower_role_ends_keys_of_and_invitations_into_higher_ones(app: App, tenant: Tenant) -> None:
    person = await invited(app, tenant, "admin")
    key, less = [(await make_key(app, person.token, role))["key"] for role in ("admin", "engineer")]
    above, within = await invite(app, person.token, "admin"), await invite(app, person.token, "engineer")
    assert await set_role(app, tenant, person, "owner") == 200
    assert await set_role(app, tenant, person, "engineer") == 200
    assert [(await app.call("GET", "incidents", token=one)).status for one in (key, less)] == [401, 200]
    assert (await accepted(app, above["token"])).status == 404
    assert (await accepted(app, within["token"])).status == 201


async def lower(app: App, tenant: Tenant, person: Person) -> int:
    return await set_role(app, tenant, person, "viewer")


def admin(tenant: Tenant, id_: str, kind: ActorKind) -> Actor:
    """Whoever was let in as such a moment ago."""
    tenant_id, project_id = TenantId(UUID(tenant.tenant_id)), ProjectId(UUID(tenant.project_id))
    return Actor(kind=kind, id=UUID(id_), tenant_id=tenant_id, project_id=project_id, role=Role.ADMIN)


@pytest.mark.parametrize("change", [disable, remove, lower])
async def test_a_call_that_was_let_in_before_makes_nothing_afterwards(app: App, tenant: Tenant, change: Change) -> None:
    person = await invited(app, tenant, "admin")
    second = (await app.call("POST", "projects", {"name": "Second"}, token=tenant.token)).json["id"]
    assert await set_role(app, replace(tenant, project_id=second), person, "admin") == 200
    key = await make_key(app, person.token)
    assert await change(app, tenant, person) in {200, 204}
    project_id = ProjectId(UUID(tenant.project_id))
    for actor in (admin(tenant, person.user_id, ActorKind.USER), admin(tenant, key["id"], ActorKind.API_KEY)):
        with pytest.raises(Forbidden):
            async with app.runtime.transaction(actor) as tx:
                await invitations.invite(tx, project_id, InvitationIn(email="a@example.com", role=Role.VIEWER))
    with pytest.raises(Forbidden):
        async with app.runtime.transaction(admin(tenant, person.user_id, ActorKind.USER)) as tx:
            await commands.create_api_key(tx, project_id, ApiKeyIn(name="late", role=Role.VIEWER))


@pytest.mark.parametrize("change", [disable, remove, lower])
async def test_what_is_being_made_meanwhile_ends_too(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection, change: Change
) -> None:
    person = await invited(app, tenant, "admin")
    async with app.runtime.transaction(admin(tenant, person.user_id, ActorKind.USER)) as tx:
        given = ApiKeyIn(name="late", role=Role.ADMIN)
        _, key = await commands.create_api_key(tx, ProjectId(UUID(tenant.project_id)), given)
        await tx.session.flush()
        leaving = asyncio.create_task(change(app, tenant, person))

        async def waits_or_is_done() -> bool:
            query = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            return leaving.done() or (await owner.execute(query)).rowcount > 0

        await eventually(waits_or_is_done)
    assert await leaving in {200, 204}
    assert (await app.call("GET", "incidents", token=key)).status == 401


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
