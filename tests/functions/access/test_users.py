"""The tenant's people: who sees them, and what it does to them when their account is closed."""

from uuid import UUID, uuid4

import psycopg
import pytest

from shared.access.events import UserUpdated
from tests.fixtures import PASSWORD, App, Tenant, register
from tests.functions.access.browser import Browser
from tests.functions.access.people import invited
from tests.shared.platform.recording import Log


async def test_a_closed_account_is_out_at_once_and_everywhere(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    person = await invited(app, tenant, "admin")
    browser = Browser(app)
    await browser.sign_in(person.email)
    assert (await browser.call("GET", "incidents")).status == 200
    for _ in range(2):
        closed = await app.call("PATCH", f"users/{person.user_id}", {"disabled": True}, token=tenant.token)
        assert closed.json["disabled_at"] is not None
    assert (await browser.call("GET", "incidents")).status == 401
    assert (await app.call("GET", "incidents", token=person.token)).status == 401
    assert (await browser.call("POST", "auth/refresh")).status == 401
    assert (await browser.sign_in(person.email)).status == 401
    (row,) = await Log(owner, UUID(tenant.tenant_id)).rows(UserUpdated)
    assert (str(row["subject_id"]), row["changes"]) == (person.user_id, {"disabled": [False, True]})


async def test_an_account_opened_again_has_its_roles_and_needs_a_new_session(app: App, tenant: Tenant) -> None:
    person = await invited(app, tenant, "engineer")
    for disabled in (True, False):
        await app.call("PATCH", f"users/{person.user_id}", {"disabled": disabled}, token=tenant.token)
    assert (await app.call("GET", "incidents", token=person.token)).status == 401
    again = await app.call("POST", "auth/login", {"email": person.email, "password": PASSWORD})
    assert (again.status, again.json["role"]) == (200, "engineer")


async def test_nobody_closes_their_own_account(app: App, tenant: Tenant) -> None:
    answer = await app.call("PATCH", f"users/{tenant.user_id}", {"disabled": True}, token=tenant.token)
    assert (answer.status, answer.json["type"]) == (409, "/problems/own-account")


async def test_another_tenant_s_person_is_not_there(app: App, tenant: Tenant) -> None:
    other = await register(app)
    for user in (other.user_id, str(uuid4()), "nonsense"):
        assert (await app.call("PATCH", f"users/{user}", {"disabled": True}, token=tenant.token)).status == 404
    assert (await app.call("GET", "incidents", token=other.token)).status == 200


@pytest.mark.parametrize(("role", "sees", "closes"), [("owner", 200, 403), ("admin", 200, 403), ("viewer", 403, 403)])
async def test_admins_see_the_tenant_s_people_and_only_its_owner_closes_accounts(
    app: App, tenant: Tenant, role: str, sees: int, closes: int
) -> None:
    person = await invited(app, tenant, role)
    assert (await app.call("GET", "users", token=person.token)).status == sees
    path = f"users/{tenant.user_id}"
    assert (await app.call("PATCH", path, {"disabled": True}, token=person.token)).status == closes
    listed = (await app.call("GET", "users", token=tenant.token)).json["items"]
    assert [(one["email"], one["owns_tenant"]) for one in listed] == [(tenant.email, True), (person.email, False)]
