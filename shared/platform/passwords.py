"""Password hashes: bcrypt over an HMAC pre-hash, a few at a time and behind everything else."""

import asyncio
import hashlib
import hmac
import os
import sys
import threading
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import bcrypt

from shared.kernel.errors import Unavailable
from shared.platform.settings import Settings

AT_ONCE: Final = 1  # two make everybody else's calls twice as slow where there are two cores
MAX_WAITING: Final = 16  # four seconds of a core; who would wait longer hears so at once
NICENESS: Final = 10  # a tenth of a core where others want it too; all of an idle one
_DIGEST_CHARACTERS: Final = 31  # of a bcrypt hash, after its salt


class HashingBusy(Unavailable):
    """A flood from many addresses at once: what each of them may try is more than we hash."""

    title = "Too many people are signing in. Try again later."


class Passwords:
    """bcrypt reads 72 bytes and no more, so it is given the 64 characters of HMAC-SHA-384 under a secret pepper.

    It runs on threads of its own: their number bounds what signing in may cost, and they leave the cores to whoever
    answers other calls. Each call raises `HashingBusy` when too many wait already.
    """

    def __init__(self, settings: Settings) -> None:
        self._pepper = settings.password_pepper.get_secret_value().encode()
        self._cost = settings.password_cost
        # Nobody's hash: a salt and no password's digest. Comparing with it costs what any comparison costs.
        self._nobody = bcrypt.gensalt(self._cost).decode() + "." * _DIGEST_CHARACTERS
        self._under_way = 0
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="hash", initializer=_stand_back)

    async def hash(self, password: str) -> str:
        """Return the hash to store."""
        prehash, salt = self._prehash(password), bcrypt.gensalt(self._cost)
        return (await self._run(lambda: bcrypt.hashpw(prehash, salt))).decode()

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether the password belongs to the stored hash. Takes as long where there is none to compare with."""
        prehash, known = self._prehash(password), (stored or self._nobody).encode()
        right = await self._run(lambda: bcrypt.checkpw(prehash, known))
        return right and stored is not None

    def close(self) -> None:
        """Let go of the threads; what waits for them is given up."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run[Result](self, work: Callable[[], Result]) -> Result:
        if self._under_way >= AT_ONCE + MAX_WAITING:
            raise HashingBusy
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._under_way -= 1

    def _prehash(self, password: str) -> bytes:
        return b64encode(hmac.digest(self._pepper, password.encode(), hashlib.sha384))


def _stand_back() -> None:
    if sys.platform == "linux":  # elsewhere a priority is the whole process's
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
