"""Signed in by cookie: what a browser does, and what other pages cannot make it do."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from uuid import uuid4

import pytest

from functions.http import Admission, Endpoint
from functions.openapi import endpoints
from shared.access.csrf import SAFE_METHODS
from shared.platform.cache import Cache
from tests.fixtures import PASSWORD, App, Tenant
from tests.functions.access.browser import ACCESS, REFRESH, Browser
from tests.shared.platform.line import Line
from tests.waiting import eventually

NEEDED = "/problems/csrf-token-needed"


@pytest.fixture
async def browser(app: App, tenant: Tenant) -> Browser:
    """Olga's browser, signed in."""
    made = Browser(app)
    assert (await made.sign_in(tenant.email)).status == 200
    return made


async def test_signing_in_sets_both_cookies_and_tells_the_page_its_csrf_token(browser: Browser) -> None:
    assert set(browser.cookies) == {ACCESS, REFRESH}
    me = await browser.call("GET", "auth/me")
    assert (me.status, me.json["name"]) == (200, "Olga Owner")
    assert me.json["csrf_token"] == browser.csrf_token != ""


async def test_registering_signs_in_as_well(app: App) -> None:
    browser = Browser(app)
    email = f"{uuid4().hex}@example.com"
    body = {"email": email, "password": PASSWORD, "name": "Ann", "tenant_name": "Example"}
    assert (await browser.call("POST", "auth/register", body)).status == 201
    me = (await browser.call("GET", "auth/me")).json
    assert (me["email"], me["role"]) == (email, "owner")
    assert "tenant:write" in me["permissions"]


async def test_a_program_s_own_page_says_nothing_of_people(app: App, tenant: Tenant) -> None:
    made = await app.call("POST", "api-keys", {"name": "a program", "role": "viewer"}, token=tenant.token)
    me = (await app.call("GET", "auth/me", token=made.json["key"])).json
    assert (me["kind"], me["name"], me["email"], me["csrf_token"]) == ("api_key", "a program", None, None)


async def test_the_header_wins_over_the_cookie(browser: Browser, app: App, tenant: Tenant) -> None:
    made = await app.call("POST", "api-keys", {"name": "a program", "role": "viewer"}, token=tenant.token)
    me = await browser.call("GET", "auth/me", headers={"authorization": f"Bearer {made.json['key']}"})
    assert me.json["kind"] == "api_key"
    assert (await browser.call("GET", "auth/me", headers={"authorization": "Bearer nonsense"})).status == 401


async def test_a_stale_cookie_is_nobody_s_and_keeps_nobody_from_signing_in(browser: Browser, tenant: Tenant) -> None:
    browser.cookies[ACCESS] = "stale"
    assert (await browser.call("GET", "auth/me")).status == 401
    assert (await browser.call("GET", "health/live")).status == 200
    assert (await browser.sign_in(tenant.email)).status == 200


async def test_a_refresh_keeps_the_browser_in(browser: Browser) -> None:
    before = dict(browser.cookies)
    del browser.cookies[ACCESS]
    answer = await browser.call("POST", "auth/refresh")
    assert (answer.status, answer.json["csrf_token"]) == (200, browser.csrf_token)
    assert browser.cookies[REFRESH] != before[REFRESH]
    assert (await browser.call("GET", "auth/me")).status == 200


async def test_two_tabs_refresh_at_once_and_both_stay_in(browser: Browser) -> None:
    other = browser.copy()
    answers = await asyncio.gather(*(one.call("POST", "auth/refresh") for one in (browser, other)))
    assert [one.status for one in answers] == [200, 200]
    assert browser.cookies[REFRESH] == other.cookies[REFRESH]


@pytest.mark.parametrize("shown", ["", "nonsense", "0" * 64 + "_" + "A" * 43])
async def test_without_a_refresh_token_nothing_is_refreshed(app: App, shown: str) -> None:
    answer = await app.call("POST", "auth/refresh", headers={"cookie": f"{REFRESH}={shown}"})
    assert (answer.status, answer.cookies) == (401, ())


async def test_signing_out_takes_the_cookies_and_what_they_were_good_for(browser: Browser) -> None:
    thief = browser.copy()
    answer = await browser.call("POST", "auth/logout", {})
    assert (answer.status, browser.cookies) == (204, {})
    assert (await thief.call("GET", "auth/me")).status == 401
    assert (await thief.call("POST", "auth/refresh")).status == 401


async def test_signing_out_holds_everywhere_although_redis_is_away_for_a_moment(
    app: App, tenant: Tenant, redis_line: Line, lined_cache: Cache
) -> None:
    async def owes(something: bool) -> bool:
        return bool(lined_cache._owed) is something

    assert (await app.call("GET", "auth/me", token=tenant.token)).status == 200  # and is remembered
    behind = App(replace(app.runtime, cache=lined_cache))
    await redis_line.cut()
    leaving = asyncio.create_task(behind.call("POST", "auth/logout", {}, token=tenant.token))
    await eventually(lambda: owes(True))
    await redis_line.mend()
    assert (await leaving).status == 204
    await behind.mailbox.close()
    await eventually(lambda: owes(False))
    assert (await app.call("GET", "auth/me", token=tenant.token)).status == 401


async def test_a_program_has_no_session_to_leave(app: App, tenant: Tenant) -> None:
    made = await app.call("POST", "api-keys", {"name": "a program", "role": "owner"}, token=tenant.token)
    for path, body in (("logout", {}), ("switch-project", {"project_id": tenant.project_id})):
        assert (await app.call("POST", f"auth/{path}", body, token=made.json["key"])).status == 403


def guarded() -> Iterable[Endpoint]:
    return (one for one in endpoints() if one.needs is not Admission.EVERYONE)


@pytest.mark.parametrize("proof", ["none", "empty", "made up", "another session's", "in capitals"])
async def test_no_other_page_makes_the_browser_change_anything(browser: Browser, tenant: Tenant, proof: str) -> None:
    other = Browser(browser.app)
    await other.sign_in(tenant.email)
    given = {
        "none": {},
        "empty": {"x-csrf-token": ""},
        "made up": {"x-csrf-token": "0" * 64},
        "another session's": {"x-csrf-token": other.csrf_token},
        "in capitals": {"x-csrf-token": browser.csrf_token.upper()},
    }[proof]
    cookie = {"cookie": f"{ACCESS}={browser.cookies[ACCESS]}"}
    for one in guarded():
        path = one.route.replace("{", "").replace("}", "")
        answer = await browser.app.call(one.method, path, headers=cookie | given)
        refused = answer.status == 403 and answer.json["type"] == NEEDED
        assert refused is (one.method not in SAFE_METHODS), one.name


async def test_our_own_page_may_and_so_may_a_program_without_the_token(browser: Browser, tenant: Tenant) -> None:
    body = {"name": "a program", "role": "viewer"}
    assert (await browser.call("POST", "api-keys", body)).status == 201
    assert (await browser.app.call("POST", "api-keys", body, token=tenant.token)).status == 201


async def test_another_password_ends_the_other_sessions_and_not_this_one(browser: Browser, tenant: Tenant) -> None:
    other = Browser(browser.app)
    await other.sign_in(tenant.email)
    changed = "another password nobody guesses"
    body = {"current_password": PASSWORD, "new_password": changed}
    assert (await browser.call("POST", "auth/password", body)).status == 204
    assert (await browser.call("GET", "auth/me")).status == 200
    assert (await other.call("GET", "auth/me")).status == 401
    assert (await other.sign_in(tenant.email)).status == 401
    assert (await other.sign_in(tenant.email, changed)).status == 200


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"current_password": "not hers", "new_password": "nobody guesses this"}, 403, "wrong-password"),
        ({"current_password": PASSWORD, "new_password": "password1234"}, 422, "weak-password"),
        ({"current_password": PASSWORD, "new_password": "short"}, 422, "invalid"),
    ],
)
async def test_a_password_changes_only_for_a_better_one_and_for_who_knows_it(
    browser: Browser, body: dict[str, str], status: int, kind: str
) -> None:
    answer = await browser.call("POST", "auth/password", body)
    assert (answer.status, answer.json["type"]) == (status, f"/problems/{kind}")
    assert not any(value in answer.content.decode() for value in body.values())
