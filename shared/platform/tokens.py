"""Every token of the product, as JWT (RFC 7519) signed with HS256. No kind is accepted for another."""

from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from shared.kernel.errors import Unauthenticated
from shared.platform.settings import KeyRing, Settings

ISSUER: Final = "sre-copilot"
MAX_TOKEN_BYTES: Final = 8 * 1_024
_HEADER: Final = {"alg", "typ", "kid"}
_REMEMBERED: Final = 1_024


class Kind(StrEnum):
    """What a token is for: its `typ` header (RFC 8725, explicit typing), its `type` claim and its audience."""

    ACCESS = "access"
    INGEST = "ingest"

    @property
    def typ(self) -> str:
        return f"{self.value}+jwt"

    @property
    def audience(self) -> str:
        return f"{ISSUER}:{self.value}"


class Tokens:
    """Signs and reads tokens. Keys are found by `kid` among our own, and nowhere else."""

    def __init__(self, settings: Settings) -> None:
        self._rings = {Kind.ACCESS: settings.session_keys, Kind.INGEST: settings.ingest_keys}
        # An ingest token has no end of its own, so that what was verified once stays verified.
        self._ingest = lru_cache(_REMEMBERED)(lambda token: _read(Kind.INGEST, self._rings[Kind.INGEST], token, None))

    def sign(self, kind: Kind, claims: dict[str, Any], *, now: datetime, lifetime: timedelta | None = None) -> str:
        """Return a token of `kind` that ends after `lifetime`, or never."""
        import jwt  # noqa: PLC0415 - queues and timers, on instances of their own, see no token

        kid, secret = self._rings[kind].newest
        times = {"iat": now, "nbf": now, "exp": now + lifetime} if lifetime else {}
        body = {**claims, **times, "iss": ISSUER, "aud": kind.audience, "type": kind.value}
        return jwt.encode(body, secret, algorithm="HS256", headers={"kid": kid, "typ": kind.typ})

    def read(self, kind: Kind, token: str, *, now: datetime) -> dict[str, Any]:
        """Return the claims of a token of `kind`. Raises `Unauthenticated`, whatever is wrong with it."""
        if kind is Kind.INGEST:
            return self._ingest(token)
        return _read(kind, self._rings[kind], token, now)


def _read(kind: Kind, ring: KeyRing, token: str, now: datetime | None) -> dict[str, Any]:
    import jwt  # noqa: PLC0415 - as above

    try:
        if len(token) > MAX_TOKEN_BYTES or not token.isascii() or not _is_canonical(token):
            raise Unauthenticated
        header = jwt.get_unverified_header(token)
        if set(header) != _HEADER or header["typ"] != kind.typ or not isinstance(header["kid"], str):
            raise Unauthenticated
        secret = ring.secret(header["kid"])
        if secret is None:
            raise Unauthenticated
        claims: dict[str, Any] = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            audience=kind.audience,
            issuer=ISSUER,
            options={
                "require": ["iss", "aud", "type", *(("exp", "iat", "nbf", "jti") if now else ())],
                "strict_aud": True,
                # The clock is ours, not the library's: times are compared below.
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        raise Unauthenticated from None
    if claims["type"] != kind.value or (now and not _is_current(claims, now)):
        raise Unauthenticated
    return claims


def _is_canonical(token: str) -> bool:
    """Whether the token is spelled as its signer would: base64 leaves room for several spellings of the same bytes."""
    from jwt.utils import base64url_decode, base64url_encode  # noqa: PLC0415 - as above

    return all(base64url_encode(base64url_decode(part)).decode() == part for part in token.split("."))


def _is_current(claims: dict[str, Any], now: datetime) -> bool:
    times = [claims["iat"], claims["nbf"], claims["exp"]]
    if not all(isinstance(at, int) and not isinstance(at, bool) for at in times):
        return False
    return bool(max(claims["iat"], claims["nbf"]) <= now.timestamp() + 1 and now.timestamp() < claims["exp"])
