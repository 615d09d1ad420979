"""Tenants, projects, members: who sees them, who changes them, and what that does to who is signed in."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from shared.access.events import MemberChanged, MemberRemoved, ProjectUpdated, TenantUpdated
from shared.access.projects import remove_member
from shared.kernel.values import Actor, ActorKind, ProjectId, Role, TenantId
from tests.fixtures import App, Tenant, register, sign_in_again
from tests.functions.access.people import Person, invited
from tests.shared.platform.recording import Log
from tests.waiting import eventually


async def second_project(app: App, tenant: Tenant) -> str:
    made = await app.call("POST", "projects", {"name": "Second"}, token=tenant.token)
    assert made.status == 201
    return str(made.json["id"])


async def switch(app: App, token: str, project_id: str) -> Any:
    return await app.call("POST", "auth/switch-project", {"project_id": project_id}, token=token)


def member_path(tenant: Tenant, user_id: str) -> str:
    return f"projects/{tenant.project_id}/members/{user_id}"


@pytest.mark.parametrize("path", ["tenant", "projects/{project_id}"])
async def test_a_name_is_changed_by_whoever_saw_the_newest(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection, path: str
) -> None:
    path = path.format(project_id=tenant.project_id)
    before = await app.call("GET", path, token=tenant.token)
    assert before.headers["ETag"] == '"1"'
    seen = {"if-match": before.headers["ETag"]}
    changed = await app.call("PATCH", path, {"name": "Renamed"}, token=tenant.token, headers=seen)
    assert (changed.status, changed.json["name"], changed.headers["ETag"]) == (200, "Renamed", '"2"')
    stale = await app.call("PATCH", path, {"name": "Again"}, token=tenant.token, headers=seen)
    assert stale.status == 412
    assert (await app.call("GET", path, token=tenant.token)).json["name"] == "Renamed"
    (row,) = await Log(owner, UUID(tenant.tenant_id)).rows(TenantUpdated, ProjectUpdated)
    assert row["changes"] == {"name": [before.json["name"], "Renamed"]}


async def test_only_who_owns_the_tenant_changes_it_or_makes_projects(app: App, tenant: Tenant) -> None:
    person = await invited(app, tenant, "owner")
    assert (await app.call("PATCH", "tenant", {"name": "Mine"}, token=person.token)).status == 403
    assert (await app.call("POST", "projects", {"name": "Mine"}, token=person.token)).status == 403


async def test_whoever_makes_a_project_owns_it_and_can_go_there_at_once(app: App, tenant: Tenant) -> None:
    await app.call("GET", "auth/me", token=tenant.token)  # so that the session is remembered as it was
    project = await second_project(app, tenant)
    there = await switch(app, tenant.token, project)
    assert (there.status, there.json["project_id"], there.json["role"]) == (200, project, "owner")
    me = (await app.call("GET", "auth/me", token=there.json["access_token"])).json
    assert me["project_id"] == project
    listed = (await app.call("GET", "projects", token=there.json["access_token"])).json["items"]
    assert [one["id"] for one in listed] == [tenant.project_id, project]
    assert (await app.call("GET", "incidents", token=there.json["access_token"])).json["items"] == []


async def test_a_project_that_one_is_not_in_is_not_there(app: App, tenant: Tenant) -> None:
    """A sibling's, another tenant's and nobody's answer alike."""
    sibling, foreign = await second_project(app, tenant), (await register(app)).project_id
    person = await invited(app, tenant, "admin")
    for project in (sibling, foreign, str(uuid4()), "nonsense"):
        calls = [
            ("GET", f"projects/{project}", None),
            ("PATCH", f"projects/{project}", {"name": "Mine"}),
            ("GET", f"projects/{project}/members", None),
            ("PUT", f"projects/{project}/members/{person.user_id}", {"role": "viewer"}),
            ("DELETE", f"projects/{project}/members/{tenant.user_id}", None),
        ]
        for method, path, body in calls:
            assert (await app.call(method, path, body, token=person.token)).status == 404, path
    assert (await switch(app, person.token, sibling)).status == 404
    assert (await switch(app, person.token, foreign)).status == 404


async def test_a_program_is_in_its_own_project_only(app: App, tenant: Tenant) -> None:
    project = await second_project(app, tenant)
    made = await app.call("POST", "api-keys", {"name": "a program", "role": "owner"}, token=tenant.token)
    key = made.json["key"]
    assert [one["id"] for one in (await app.call("GET", "projects", token=key)).json["items"]] == [tenant.project_id]
    assert (await app.call("GET", f"projects/{project}", token=key)).status == 404
    assert (await app.call("POST", "projects", {"name": "Mine"}, token=key)).status == 403


async def test_a_role_counts_in_its_own_project_only(app: App, tenant: Tenant) -> None:
    project = await second_project(app, tenant)
    person = await invited(app, tenant, "admin")
    path = f"projects/{project}/members/{person.user_id}"
    assert (await app.call("PUT", path, {"role": "viewer"}, token=tenant.token)).status == 200
    assert (await app.call("GET", f"projects/{project}/members", token=person.token)).status == 200
    assert (await app.call("PATCH", f"projects/{project}", {"name": "Mine"}, token=person.token)).status == 403
    assert (await app.call("PUT", path, {"role": "admin"}, token=person.token)).status == 403


async def test_a_role_in_the_path_s_project_counts_wherever_one_is_signed_in(app: App, tenant: Tenant) -> None:
    project = await second_project(app, tenant)
    person = await invited(app, tenant, "viewer")
    members = f"projects/{project}/members"
    own = f"{members}/{person.user_id}"
    await app.call("PUT", own, {"role": "owner"}, token=tenant.token)
    assert (await app.call("PATCH", f"projects/{project}", {"name": "Mine"}, token=person.token)).status == 200
    assert (await app.call("DELETE", f"{members}/{tenant.user_id}", token=person.token)).status == 204
    assert (await app.call("GET", members, token=tenant.token)).status == 404
    elsewhere = await app.call("PATCH", f"projects/{tenant.project_id}", {"name": "Mine"}, token=person.token)
    assert elsewhere.status == 403


async def test_what_is_done_in_another_project_is_recorded_there(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    project = await second_project(app, tenant)
    person = await invited(app, tenant, "viewer")
    await app.call("PUT", f"projects/{project}/members/{person.user_id}", {"role": "viewer"}, token=tenant.token)
    (row,) = await Log(owner, UUID(tenant.tenant_id)).rows(MemberChanged)
    assert str(row["project_id"]) == project


async def test_a_changed_role_bites_at_once_and_is_recorded(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    person = await invited(app, tenant, "admin")
    assert (await app.call("GET", "api-keys", token=person.token)).status == 200
    path = member_path(tenant, person.user_id)
    changed = await app.call("PUT", path, {"role": "viewer"}, token=tenant.token)
    assert (changed.status, changed.json["role"], changed.json["email"]) == (200, "viewer", person.email)
    assert (await app.call("GET", "api-keys", token=person.token)).status == 403
    await app.call("PUT", path, {"role": "viewer"}, token=tenant.token)
    (row,) = await Log(owner, UUID(tenant.tenant_id)).rows(MemberChanged)
    assert (row["changes"], str(row["actor_id"])) == ({"role": ["admin", "viewer"]}, tenant.user_id)


async def test_who_is_taken_out_is_out_at_once_and_may_return(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    person = await invited(app, tenant, "engineer")
    assert (await app.call("GET", "incidents", token=person.token)).status == 200
    path = member_path(tenant, person.user_id)
    assert (await app.call("DELETE", path, token=tenant.token)).status == 204
    assert (await app.call("GET", "incidents", token=person.token)).status == 401
    assert (await app.call("DELETE", path, token=tenant.token)).status == 404
    listed = (await app.call("GET", f"projects/{tenant.project_id}/members", token=tenant.token)).json["items"]
    assert [one["user_id"] for one in listed] == [tenant.user_id]
    assert len(await Log(owner, UUID(tenant.tenant_id)).rows(MemberRemoved)) == 1
    assert (await app.call("PUT", path, {"role": "viewer"}, token=tenant.token)).status == 200
    assert (await app.call("GET", "incidents", token=person.token)).status == 200


async def test_members_are_listed_in_the_order_of_their_coming(app: App, tenant: Tenant) -> None:
    people = [await invited(app, tenant, role) for role in ("viewer", "admin")]
    answer = await app.call("GET", f"projects/{tenant.project_id}/members", token=people[0].token)
    found = [(one["user_id"], one["role"]) for one in answer.json["items"]]
    assert found == [(tenant.user_id, "owner"), (people[0].user_id, "viewer"), (people[1].user_id, "admin")]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_the_last_owner_stays(app: App, tenant: Tenant, method: str) -> None:
    body = {"role": "admin"} if method == "PUT" else None
    first = await invited(app, tenant, "owner")
    await app.call("PUT", member_path(tenant, tenant.user_id), {"role": "admin"}, token=first.token)
    path = member_path(tenant, first.user_id)
    answer = await app.call(method, path, body, token=first.token)
    assert (answer.status, answer.json["type"]) == (409, "/problems/last-owner")
    await app.call("PUT", member_path(tenant, tenant.user_id), {"role": "owner"}, token=first.token)
    assert (await app.call(method, path, body, token=first.token)).status in {200, 204}


async def test_two_owners_who_leave_at_once_do_not_both(app: App, tenant: Tenant) -> None:
    one, other = await invited(app, tenant, "owner"), await invited(app, tenant, "owner")
    await app.call("PUT", member_path(tenant, tenant.user_id), {"role": "admin"}, token=one.token)
    answers = await asyncio.gather(
        *(app.call("DELETE", member_path(tenant, who.user_id), token=who.token) for who in (one, other))
    )
    assert sorted(answer.status for answer in answers) == [204, 409]


async def test_nobody_shuts_the_tenant_s_owner_out(app: App, tenant: Tenant) -> None:
    other = await invited(app, tenant, "owner")
    path = member_path(tenant, tenant.user_id)
    for token in (other.token, tenant.token):
        answer = await app.call("DELETE", path, token=token)
        assert (answer.status, answer.json["type"]) == (409, "/problems/tenant-owner-shut-out")
    await second_project(app, await sign_in_again(app, tenant))
    assert (await app.call("DELETE", path, token=other.token)).status == 204
    assert (await sign_in_again(app, tenant)).token


async def test_two_projects_do_not_let_the_tenant_s_owner_go_at_once(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    other, second = await invited(app, tenant, "owner"), await second_project(app, tenant)
    await app.call("PUT", f"projects/{second}/members/{other.user_id}", {"role": "owner"}, token=tenant.token)
    actor = Actor(
        kind=ActorKind.USER, id=UUID(other.user_id), tenant_id=TenantId(UUID(tenant.tenant_id)), role=Role.OWNER
    )
    async with app.runtime.transaction(actor) as tx:
        await remove_member(tx, ProjectId(UUID(second)), UUID(tenant.user_id))
        leaving = asyncio.create_task(app.call("DELETE", member_path(tenant, tenant.user_id), token=other.token))

        async def waits_or_has_left() -> bool:
            query = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            return leaving.done() or (await owner.execute(query)).rowcount > 0

        await eventually(waits_or_has_left)
    assert (await leaving).status == 409
    assert (await sign_in_again(app, tenant)).token


async def test_an_admin_moves_nobody_above_or_up_to_what_they_are_not(app: App, tenant: Tenant) -> None:
    admin, viewer = await invited(app, tenant, "admin"), await invited(app, tenant, "viewer")

    async def put(person: Person | Tenant, role: str) -> int:
        path = member_path(tenant, person.user_id)
        return (await app.call("PUT", path, {"role": role}, token=admin.token)).status

    assert await put(viewer, "owner") == 403
    assert await put(tenant, "viewer") == 403
    assert (await app.call("DELETE", member_path(tenant, tenant.user_id), token=admin.token)).status == 403
    assert await put(viewer, "admin") == 200


async def test_who_is_not_in_the_tenant_becomes_no_member(app: App, tenant: Tenant) -> None:
    other = await register(app)
    for user in (other.user_id, str(uuid4())):
        answer = await app.call("PUT", member_path(tenant, user), {"role": "viewer"}, token=tenant.token)
        assert (answer.status, answer.json["type"]) == (404, "/problems/member-not-found")
