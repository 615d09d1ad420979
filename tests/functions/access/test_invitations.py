"""New people come in by an invitation: once, in time, and never above whoever invited them."""

import asyncio
from uuid import uuid4

import psycopg
import pytest

from shared.access.invitations import LIFETIME
from tests.fixtures import PASSWORD, App, StoppedClock, Tenant, register, sign_in_again
from tests.functions.access.browser import ACCESS, REFRESH
from tests.functions.access.people import accepted, invited


async def invite(app: App, tenant: Tenant, role: str = "engineer", email: str = "") -> dict[str, str]:
    body = {"email": email or f"{uuid4().hex[:12]}@example.com", "role": role}
    made: dict[str, str] = (await app.call("POST", "invitations", body, token=tenant.token)).json
    return made


async def test_whoever_accepts_is_signed_in_with_the_role_they_were_given(app: App, tenant: Tenant) -> None:
    invitation = await invite(app, tenant, "viewer", "New.Comer@Example.com" + uuid4().hex[:6])
    answer = await accepted(app, invitation["token"])
    assert answer.status == 201
    assert [one.partition("=")[0] for one in answer.cookies] == [ACCESS, REFRESH]
    me = (await app.call("GET", "auth/me", token=answer.json["access_token"])).json
    assert (me["name"], me["email"], me["role"]) == ("Nora Newcomer", invitation["email"], "viewer")
    assert (me["tenant_id"], me["project_id"]) == (tenant.tenant_id, tenant.project_id)
    assert "tenant:write" not in me["permissions"]
    again = await app.call("POST", "auth/login", {"email": invitation["email"], "password": PASSWORD})
    assert again.status == 200


async def test_an_invitation_is_accepted_once(app: App, tenant: Tenant) -> None:
    invitation = await invite(app, tenant)
    answers = await asyncio.gather(*(accepted(app, invitation["token"]) for _ in range(5)))
    found = sorted(one.status for one in answers)
    assert found[0] == 201
    assert set(found[1:]) <= {404, 409}
    assert (await accepted(app, invitation["token"])).status == 404


async def test_it_ends_after_a_week(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    early, late = await invite(app, tenant), await invite(app, tenant)
    clock.advance(seconds=LIFETIME.total_seconds() - 1)
    assert (await accepted(app, early["token"])).status == 201
    clock.advance(seconds=1)
    assert (await accepted(app, late["token"])).status == 404


async def test_a_revoked_one_is_listed_and_good_for_nothing(app: App, tenant: Tenant) -> None:
    first, second = await invite(app, tenant), await invite(app, tenant)
    path = f"invitations/{first['id']}"
    assert (await app.call("DELETE", path, token=tenant.token)).status == 204
    assert (await accepted(app, first["token"])).status == 404
    listed = (await app.call("GET", "invitations", token=tenant.token)).json["items"]
    assert [one["id"] for one in listed] == [second["id"], first["id"]]
    assert [one["revoked_at"] is None for one in listed] == [True, False]
    assert not any("token" in one for one in listed)


async def test_what_was_accepted_cannot_be_revoked(app: App, tenant: Tenant) -> None:
    invitation = await invite(app, tenant)
    await accepted(app, invitation["token"])
    assert (await app.call("DELETE", f"invitations/{invitation['id']}", token=tenant.token)).status == 404


async def test_a_refusal_at_the_door_leaves_the_invitation_open(app: App, tenant: Tenant) -> None:
    invitation = await invite(app, tenant)
    weak = await accepted(app, invitation["token"], password="password1234")
    assert (weak.status, weak.json["type"]) == (422, "/problems/weak-password")
    assert (await accepted(app, invitation["token"])).status == 201


@pytest.mark.parametrize("damage", ["empty", "another tenant", "another secret", "nonsense"])
async def test_a_token_that_is_none_opens_nothing(app: App, tenant: Tenant, damage: str) -> None:
    token = (await invite(app, tenant))["token"]
    other = await invite(app, await register(app))
    wrong = {
        "empty": "",
        "another tenant": other["token"][:32] + token[32:],
        "another secret": token[:65] + other["token"][65:],
        "nonsense": "\ud800",
    }[damage]
    assert (await accepted(app, wrong)).status in {404, 400, 422}
    assert (await accepted(app, token)).status == 201


@pytest.mark.parametrize(
    ("role", "asked", "status"), [("admin", "owner", 403), ("admin", "admin", 201), ("engineer", "viewer", 403)]
)
async def test_nobody_invites_above_their_own_role(
    app: App, tenant: Tenant, role: str, asked: str, status: int
) -> None:
    person = await invited(app, tenant, role)
    body = {"email": f"{uuid4().hex}@example.com", "role": asked}
    assert (await app.call("POST", "invitations", body, token=person.token)).status == status


async def test_who_is_here_already_needs_no_invitation(app: App, tenant: Tenant) -> None:
    answer = await app.call("POST", "invitations", {"email": tenant.email, "role": "viewer"}, token=tenant.token)
    assert (answer.status, answer.json["type"]) == (409, "/problems/already-in-tenant")


async def test_an_account_elsewhere_is_nobody_s_to_take_over(app: App, tenant: Tenant) -> None:
    other = await register(app)
    invitation = await invite(app, tenant, email=other.email)
    answer = await accepted(app, invitation["token"], password="the inviter's own password")
    assert (answer.status, answer.json["type"], answer.cookies) == (409, "/problems/email-taken", ())
    assert (await sign_in_again(app, other)).token


async def test_another_project_s_invitations_are_neither_seen_nor_revoked(app: App, tenant: Tenant) -> None:
    invitation = await invite(app, tenant)
    other = await register(app)
    assert (await app.call("GET", "invitations", token=other.token)).json["items"] == []
    path = f"invitations/{invitation['id']}"
    foreign = await app.call("DELETE", path, token=other.token)
    missing = await app.call("DELETE", f"invitations/{uuid4()}", token=other.token)
    assert (foreign.status, missing.status) == (404, 404)
    assert (await accepted(app, invitation["token"])).status == 201


async def test_of_the_link_s_token_only_a_digest_is_kept(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    secret = (await invite(app, tenant))["token"][65:]
    for table in ("invitations", "event_log"):
        found = await owner.execute(
            f"select from {table} t where tenant_id = %s and to_jsonb(t)::text like '%%' || %s || '%%'",
            (tenant.tenant_id, secret),
        )
        assert found.rowcount == 0
