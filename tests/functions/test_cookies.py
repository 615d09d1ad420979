from datetime import timedelta
from http.cookies import SimpleCookie
from uuid import uuid4

import pytest

from functions.cookies import ACCESS, REFRESH, cookie_credential, cookie_of, no_cookies, session_cookies
from shared.access.schemas import SignedInOut
from shared.access.sessions import SignedIn
from shared.kernel.values import Role
from shared.platform.settings import SameSite

SIGNED_IN = SignedIn(
    body=SignedInOut(
        user_id=uuid4(),
        email="olga@example.com",
        name="Olga",
        tenant_id=uuid4(),
        project_id=uuid4(),
        role=Role.OWNER,
        access_token="a.b.c",
        expires_in=900,
        csrf_token="c",
    ),
    refresh_token="r_r",
    lifetime=timedelta(days=7),
)


@pytest.mark.parametrize(
    ("same_site", "written"), [(SameSite.STRICT, "Strict"), (SameSite.LAX, "Lax"), (SameSite.NONE, "None")]
)
def test_the_cookies_of_a_session_say_all_that_keeps_them_safe(same_site: SameSite, written: str) -> None:
    assert session_cookies(SIGNED_IN, same_site) == (
        f"__Host-sre_access=a.b.c; Path=/; Max-Age=900; HttpOnly; Secure; SameSite={written}",
        f"__Secure-sre_refresh=r_r; Path=/api/auth; Max-Age=604800; HttpOnly; Secure; SameSite={written}",
    )


def test_without_a_new_refresh_token_its_cookie_stays() -> None:
    kept = SignedIn(body=SIGNED_IN.body, refresh_token=None, lifetime=SIGNED_IN.lifetime)
    (only,) = session_cookies(kept, SameSite.LAX)
    assert only.startswith(ACCESS)


def test_both_are_forgotten_where_they_were_set() -> None:
    found = [SimpleCookie(text) for text in no_cookies(SameSite.LAX)]
    assert {(name, one["path"], one["max-age"]) for each in found for name, one in each.items()} == {
        (ACCESS, "/", "0"),
        (REFRESH, "/api/auth", "0"),
    }


@pytest.mark.parametrize("same_site", SameSite)
def test_every_attribute_survives_the_parser_that_the_worker_uses(same_site: SameSite) -> None:
    for text in session_cookies(SIGNED_IN, same_site):
        ((name, one),) = SimpleCookie(text).items()
        read = {key: str(value) for key, value in one.items() if value}
        assert len(read) == text.count(";") == 5, name


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", ""),
        ("__Host-sre_access=t", "t"),
        ("theme=dark; __Host-sre_access=t=; x", "t="),
        ("__Host-sre_access=first; __Host-sre_access=second", "first"),
        ("x__Host-sre_access=t", ""),
        (";;=;", ""),
    ],
)
def test_a_cookie_is_found_among_others(header: str, found: str) -> None:
    assert cookie_of({"cookie": header}, ACCESS) == found


def test_a_browser_shows_its_token_with_its_method_and_its_proof() -> None:
    shown = cookie_credential("POST", {"cookie": f"{ACCESS}=t", "x-csrf-token": "c"})
    assert shown is not None
    assert (shown.token, shown.method, shown.csrf_token) == ("t", "POST", "c")
    assert cookie_credential("POST", {"x-csrf-token": "c"}) is None
