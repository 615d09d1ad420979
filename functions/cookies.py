"""The two cookies of a signed-in browser, as RFC 6265bis has them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from shared.access.credentials import CookieCredential
from shared.access.sessions import ACCESS_LIFETIME, SignedIn
from shared.platform.settings import SameSite

ACCESS: Final = "__Host-sre_access"
REFRESH: Final = "__Secure-sre_refresh"
_PATHS: Final[Mapping[str, str]] = {ACCESS: "/", REFRESH: "/api/auth"}
_AT_ONCE: Final = timedelta(0)


def session_cookies(signed_in: SignedIn, same_site: SameSite) -> tuple[str, ...]:
    """Return the `Set-Cookie` values of an answer that signs somebody in, or keeps them so."""
    access = _cookie(ACCESS, signed_in.body.access_token, ACCESS_LIFETIME, same_site)
    if signed_in.refresh_token is None:
        return (access,)
    return access, _cookie(REFRESH, signed_in.refresh_token, signed_in.lifetime, same_site)


def no_cookies(same_site: SameSite) -> tuple[str, ...]:
    """Return the `Set-Cookie` values that make a browser forget both."""
    return tuple(_cookie(name, "", _AT_ONCE, same_site) for name in _PATHS)


def cookie_of(headers: Mapping[str, str], name: str) -> str:
    """Return what the browser sent as the cookie `name`, or nothing."""
    pairs = (pair.strip().partition("=") for pair in headers.get("cookie", "").split(";"))
    return next((value for key, _, value in pairs if key == name), "")


def cookie_credential(method: str, headers: Mapping[str, str]) -> CookieCredential | None:
    """Return what a browser's request shows of who sends it; None when it shows nothing."""
    token = cookie_of(headers, ACCESS)
    return CookieCredential(token, method, headers.get("x-csrf-token", "")) if token else None


def _cookie(name: str, value: str, lifetime: timedelta, same_site: SameSite) -> str:
    # Without `Partitioned`, which the way through worker and host cannot carry: docs/decisions/005.
    return (
        f"{name}={value}; Path={_PATHS[name]}; Max-Age={int(lifetime.total_seconds())}; "
        f"HttpOnly; Secure; SameSite={same_site.value.capitalize()}"
    )
