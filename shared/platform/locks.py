"""Locks in Redis: one holder at a time, by a token that only the holder knows. They end by themselves.

A lock keeps work from being done twice at the same time. It is no proof: who holds one for longer than it lasts has
lost it. So what must not happen twice is also guarded where it is stored.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from shared.kernel.errors import Unavailable
from shared.platform.cache import Cache

SECONDS: Final = 60
_LOOK: Final = 0.25  # seconds between two looks whether the holder is done
_RENEWALS: Final = 3  # in the time that a lock lasts

_TAKE: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[2]) and 1 or 0
"""
_RELEASE: Final = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0"
_LEFT: Final = "return redis.call('PTTL', KEYS[1])"


class LocksAway(Unavailable):
    title = "Cannot tell whether this is already in progress. Try again later."


class Locks:
    """Takes, renews and lets go of locks. `patient`: nothing may go on without Redis's answer."""

    def __init__(self, patient: Cache) -> None:
        self._cache = patient

    async def take(self, key: str, owner: str, seconds: int = SECONDS) -> bool:
        """Take a lock, or renew one's own; False while another holds it. Raises `LocksAway`."""
        found = await self._cache.run(_TAKE, [key], [owner, seconds])
        if found is None:
            raise LocksAway
        return bool(found)

    async def wait(self, key: str, owner: str, seconds: int = SECONDS) -> None:
        """Take a lock as soon as nobody holds it. Raises `LocksAway`."""
        while True:
            if await self.take(key, owner, seconds):
                return
            await asyncio.sleep(_LOOK)

    async def release(self, key: str, owner: str) -> None:
        """Let go of a lock where one still holds it."""
        await self._cache.run(_RELEASE, [key], [owner])

    async def seconds_left(self, key: str) -> int:
        """In how many seconds at most the lock ends, at least 1."""
        return max(1, -(-int(await self._cache.run(_LEFT, [key], []) or 0) // 1_000))

    @asynccontextmanager
    async def keeping(self, key: str, owner: str, seconds: int = SECONDS) -> AsyncIterator[None]:
        """Keep a lock that one has taken: it is renewed until the end, and let go of then."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(seconds / _RENEWALS)
                with suppress(LocksAway):  # the next renewal may come in time
                    await self.take(key, owner, seconds)

        renewing = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewing.cancel()
            await self.release(key, owner)
