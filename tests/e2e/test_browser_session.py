"""Cookies on their whole way: our answer, Microsoft's worker, the host, and back."""

from http.cookies import SimpleCookie
from typing import Any
from uuid import uuid4

import httpx
import pytest

pytestmark = pytest.mark.stack

PASSWORD = "a password nobody guesses"
EXPECTED = {"__Host-sre_access": ("/", 900), "__Secure-sre_refresh": ("/api/auth", 604_800)}


def cookies_of(answer: httpx.Response) -> dict[str, Any]:
    return {name: one for text in answer.headers.get_list("set-cookie") for name, one in SimpleCookie(text).items()}


def sent(cookies: dict[str, Any]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={one.value}" for name, one in cookies.items())}


def test_a_browser_signs_in_goes_on_and_signs_out(stack: dict[str, Any]) -> None:
    with httpx.Client(base_url=stack["api"], timeout=20) as http:
        body = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD, "name": "Ann", "tenant_name": "Example"}
        first = cookies_of(http.post("/auth/register", json=body).raise_for_status())
        assert {name: (one["path"], int(one["max-age"])) for name, one in first.items()} == EXPECTED
        assert all(one["secure"] and one["httponly"] and one["samesite"] == "Lax" for one in first.values())
        assert not any(one["domain"] for one in first.values())

        refreshed = http.post("/auth/refresh", headers=sent(first)).raise_for_status()
        cookies = cookies_of(refreshed)
        assert cookies["__Secure-sre_refresh"].value != first["__Secure-sre_refresh"].value
        assert http.get("/auth/me", headers=sent(cookies)).json()["email"] == body["email"]

        refused = http.post("/auth/logout", json={}, headers=sent(cookies))
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/csrf-token-needed")
        proof = {"X-CSRF-Token": refreshed.json()["csrf_token"]}
        gone = http.post("/auth/logout", json={}, headers=sent(cookies) | proof)
        assert (gone.status_code, {one["max-age"] for one in cookies_of(gone).values()}) == (204, {"0"})
        assert http.get("/auth/me", headers=sent(cookies)).status_code == 401
