"""Refresh tokens: opaque, single-use, each made from the one before it under a key of ours.

Nobody without the key can continue such a chain, so a token that leads to the current one was surely ours once. That
tells a replayed token from a guess, and lets a client whose answer was lost have the same successor again, while only
the current token's digest is kept.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import Final, Self
from uuid import UUID

from shared.access import opaque_tokens
from shared.kernel.errors import Unauthenticated
from shared.kernel.values import TenantId

GRACE: Final = timedelta(seconds=10)
MAX_STEPS: Final = 1_024  # of a chain to look along: a refresh every quarter of an hour makes 672 in a week
_SECRET_BYTES: Final = 32
_LABEL: Final = b"refresh:"


class Standing(Enum):
    """What a presented token is to its session."""

    CURRENT = "current"
    JUST_USED = "just used"
    REPLAYED = "replayed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A token of one session. `secret` has 256 bits."""

    tenant_id: TenantId
    session_id: UUID
    secret: bytes

    @classmethod
    def first(cls, tenant_id: TenantId, session_id: UUID) -> Self:
        """Begin a chain."""
        return cls(tenant_id, session_id, secrets.token_bytes(_SECRET_BYTES))

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what `text` wrote. Raises `Unauthenticated`."""
        found = opaque_tokens.read(text)
        if found is None:
            raise Unauthenticated
        tenant_id, session_id, secret = found
        return cls(tenant_id, session_id, urlsafe_b64decode(secret + "="))

    @property
    def text(self) -> str:
        """The token as the client keeps it."""
        secret = urlsafe_b64encode(self.secret).decode().rstrip("=")
        return opaque_tokens.write(self.tenant_id, self.session_id, secret)

    @property
    def digest(self) -> bytes:
        """What the session keeps of it."""
        return hashlib.sha256(self.secret).digest()

    def successor(self, key: bytes) -> Self:
        """Return the token that replaces this one: always the same."""
        return replace(self, secret=hmac.digest(key, _LABEL + self.secret, hashlib.sha256))


def standing(token: RefreshToken, current: bytes, *, rotated_ago: timedelta, key: bytes) -> Standing:
    """Say what a token is, where `current` is the digest of the session's current one.

    Tokens from before the key was rotated are unknown: refused, but no reason to end the session.
    """
    for step in range(MAX_STEPS):
        if hmac.compare_digest(token.digest, current):
            if step == 0:
                return Standing.CURRENT
            return Standing.JUST_USED if step == 1 and rotated_ago <= GRACE else Standing.REPLAYED
        token = token.successor(key)
    return Standing.UNKNOWN
