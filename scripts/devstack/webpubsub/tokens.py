"""JSON Web Tokens: of the REST callers, of the clients, and for recovering a connection. All HS256 on the access key.

Every check raises jwt.InvalidTokenError.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import jwt

ALGORITHM = "HS256"
CLOCK_SKEW = 300  # seconds
RECONNECTION_LIFETIME = 7 * 24 * 3600  # seconds


@dataclass(frozen=True, slots=True)
class ClientClaims:
    """What a client's token says of it."""

    user_id: str | None
    groups: frozenset[str]
    roles: frozenset[str]
    raw: Mapping[str, Any]


def check_rest_token(token: str, key: str, raw_path: str) -> None:
    """A caller of the data plane signs the URL it calls, with the query (the SDKs) or without (the documentation)."""
    _check_audience(_decode(token, key), {unquote(raw_path), unquote(raw_path.partition("?")[0])})


def read_client_token(token: str, key: str, hub: str) -> ClientClaims:
    claims = _decode(token, key)
    _check_audience(claims, {f"/client/hubs/{hub}"})
    user_id = claims.get("sub")
    if user_id is not None and not isinstance(user_id, str):
        raise jwt.InvalidTokenError("The subject is not a string.")
    return ClientClaims(
        user_id=user_id,
        groups=_texts(claims, "webpubsub.group"),
        roles=_texts(claims, "role"),
        raw=claims,
    )


def issue_client_token(
    key: str, *, audience: str, user_id: str | None, roles: Iterable[str], groups: Iterable[str], lifetime: float
) -> str:
    """A token as the SDKs make it; `lifetime` in seconds."""
    now = time.time()
    claims: dict[str, Any] = {"aud": audience, "iat": int(now), "exp": int(now + lifetime)}
    optional = {"sub": user_id, "role": list(roles), "webpubsub.group": list(groups)}
    return jwt.encode(claims | {name: value for name, value in optional.items() if value}, key, ALGORITHM)


def issue_reconnection_token(key: str, connection_id: str) -> str:
    claims = {"aud": _reconnection_audience(connection_id), "exp": int(time.time() + RECONNECTION_LIFETIME)}
    return jwt.encode(claims, key, ALGORITHM)


def check_reconnection_token(token: str, key: str, connection_id: str) -> None:
    _check_audience(_decode(token, key), {_reconnection_audience(connection_id)})


def _reconnection_audience(connection_id: str) -> str:
    return f"/recovery/{connection_id}"


def _decode(token: str, key: str) -> dict[str, Any]:
    options: jwt.types.Options = {"verify_aud": False, "verify_sub": False, "require": ["exp", "aud"]}
    return jwt.decode(token, key, algorithms=[ALGORITHM], leeway=CLOCK_SKEW, options=options)


def _check_audience(claims: Mapping[str, Any], accepted: set[str]) -> None:
    """Compares without scheme and host: a browser and a Function may reach us by different names."""
    given = {_without_host(audience) for audience in _texts(claims, "aud")}
    if given.isdisjoint(audience.casefold() for audience in accepted):
        raise jwt.InvalidAudienceError("The audience is another URL.")


def _without_host(audience: str) -> str:
    parts = urlsplit(audience)
    return unquote(f"{parts.path}?{parts.query}" if parts.query else parts.path).casefold()


def _texts(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    """A claim of one string or many: some SDKs write a single value as a scalar."""
    value = claims.get(name, [])
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise jwt.InvalidTokenError(f"The claim {name} is neither a string nor a list of strings.")
    return frozenset(values)
