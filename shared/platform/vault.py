"""Secrets at rest: AES-256-GCM under a ring of keys.

A sealed value is `v1.<kid>.<nonce>.<ciphertext>`, the latter two in base64url, and bound to its place: moved to another
row, column or tenant it cannot be opened.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from shared.platform.settings import Settings

_FORM: Final = "v1"
_NONCE_BYTES: Final = 12  # NIST SP 800-38D; random ones are safe for 2**32 values under one key


class Unsealable(RuntimeError):
    """A sealed value that cannot be opened: its key is gone, it was changed, or it belongs elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a sealed value is stored."""

    tenant_id: UUID
    table: str
    column: str
    row_id: UUID

    @property
    def associated_data(self) -> bytes:
        return f"{self.tenant_id}|{self.table}|{self.column}|{self.row_id}".encode()


class Vault:
    """Seals text and opens it again. The ring's first key seals; a value names the key that opens it."""

    def __init__(self, settings: Settings) -> None:
        self._ring = settings.vault_keys

    @property
    def prefix(self) -> str:
        """What every value begins with that was sealed under the key that seals now."""
        return f"{_FORM}.{self._ring.newest[0]}."

    def seal(self, text: str, place: Place) -> str:
        """Return `text` sealed for its place."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - most calls have no secret

        _, key = self._ring.newest
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, text.encode(), place.associated_data)
        return f"{self.prefix}{_encode(nonce)}.{_encode(sealed)}"

    def open(self, value: str, place: Place) -> str:
        """Return the text of a value sealed for this place. Raises `Unsealable`, whatever is wrong with it."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

        try:
            form, kid, nonce, sealed = value.split(".")
            key = self._ring.secret(kid)
            if form != _FORM or key is None:
                raise Unsealable(f"no key {kid!r} for a value of form {form!r}")
            return AESGCM(key).decrypt(_decode(nonce), _decode(sealed), place.associated_data).decode()
        except (ValueError, InvalidTag):
            raise Unsealable("the value was changed, or sealed for another place") from None


def _encode(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
