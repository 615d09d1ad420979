"""Signed webhooks by the Standard Webhooks scheme (https://www.standardwebhooks.com), version `v1`."""

import hashlib
import hmac
from base64 import b64decode, b64encode
from typing import Final

PREFIX: Final = "whsec_"
_MIN_BYTES: Final = 24
_MAX_BYTES: Final = 64


def secret_of(key: bytes) -> str:
    """Return a key as people pass it on."""
    return PREFIX + b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """Return the key of a secret. Raises `ValueError` unless it is `whsec_` and base64 of 24 to 64 bytes."""
    key = b64decode(secret.removeprefix(PREFIX), validate=True)
    if not secret.startswith(PREFIX) or not _MIN_BYTES <= len(key) <= _MAX_BYTES:
        raise ValueError("must be whsec_ and the base64 of 24 to 64 bytes")
    return key


def headers(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of a signed message.

    `timestamp` is this try's, in Unix seconds; `message_id` is the same at every try.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    signature = b64encode(hmac.digest(key_of(secret), signed, hashlib.sha256)).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{signature}"}
