"""Proof that a request by cookie comes from our own page, which alone could read the token."""

import hashlib
import hmac
from typing import Final
from uuid import UUID

from shared.platform.settings import KeyRing

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LABEL: Final = b"csrf:"


def csrf_token(ring: KeyRing, session_id: UUID) -> str:
    """Return the session's token: 64 hex digits, made under the newest key."""
    return _made(ring.newest[1], session_id)


def is_csrf_token(ring: KeyRing, session_id: UUID, given: str) -> bool:
    """Whether the token is the session's, under any key of the ring."""
    keys = (key.get_secret_value() for key in ring.keys.values())
    return any(hmac.compare_digest(_made(key, session_id).encode(), given.encode("utf-8", "replace")) for key in keys)


def _made(key: bytes, session_id: UUID) -> str:
    return hmac.new(key, _LABEL + session_id.bytes, hashlib.sha256).hexdigest()
