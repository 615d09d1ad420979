"""Password hashes: bcrypt over an HMAC pre-hash, a few at a time."""

import asyncio
import hashlib
import hmac
from base64 import b64encode

import bcrypt

from shared.platform.settings import Settings

_AT_ONCE = 2
_DIGEST_CHARACTERS = 31  # of a bcrypt hash, after its salt


class Passwords:
    """bcrypt reads 72 bytes and no more, so it is given the 64 characters of HMAC-SHA-384 under a secret pepper."""

    def __init__(self, settings: Settings) -> None:
        self._pepper = settings.password_pepper.get_secret_value().encode()
        self._cost = settings.password_cost
        # Nobody's hash: a salt and no password's digest. Comparing with it costs what any comparison costs.
        self._nobody = bcrypt.gensalt(self._cost).decode() + "." * _DIGEST_CHARACTERS
        self._turn = asyncio.Semaphore(_AT_ONCE)  # hashing must not take every core from everybody else

    async def hash(self, password: str) -> str:
        """Return the hash to store."""
        async with self._turn:
            return (
                await asyncio.to_thread(bcrypt.hashpw, self._prehash(password), bcrypt.gensalt(self._cost))
            ).decode()

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether the password belongs to the stored hash. Takes as long where there is none to compare with."""
        async with self._turn:
            right = await asyncio.to_thread(bcrypt.checkpw, self._prehash(password), (stored or self._nobody).encode())
        return right and stored is not None

    def _prehash(self, password: str) -> bytes:
        return b64encode(hmac.digest(self._pepper, password.encode(), hashlib.sha384))
