"""Which live clients are connected now, from what Web PubSub tells of each of them.

Events come at least once or not at all, and in any order. So connections are kept by id; one that has ended is
remembered for a while, for its beginning may be told after its end; and one that nothing was heard of for long is asked
about. What this counts is shown and decides nothing.
"""

import asyncio
from itertools import batched
from typing import Any, Final

from shared.kernel.errors import Unavailable
from shared.platform.cache import Cache
from shared.platform.metrics import CONNECTIONS, Reading
from shared.platform.realtime import Realtime

CHECK_AFTER: Final = 15 * 60
"""Seconds after which a connection that nothing was heard of is asked about."""

_REMEMBERED: Final = 10 * 60  # seconds; what is told later than that counts until it is asked about
_CHECKED_AT_ONCE: Final = 500
_ASKED_AT_ONCE: Final = 10

# Scores are times, by Redis's own clock: since when nothing was heard of one, and when one has ended.
_OPENED: Final = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[2])
if redis.call('ZSCORE', KEYS[2], ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now, ARGV[1])
return 1
"""
_CLOSED: Final = """
redis.call('ZADD', KEYS[2], tonumber(redis.call('TIME')[1]), ARGV[1])
return redis.call('ZREM', KEYS[1], ARGV[1])
"""
_SILENT: Final = """
local now = tonumber(redis.call('TIME')[1])
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1], 'LIMIT', 0, ARGV[2])
"""
_COUNT: Final = "return redis.call('ZCARD', KEYS[1])"
_KEYS: Final = ("{realtime}:open", "{realtime}:ended")


class ConnectionsAway(Unavailable):
    title = "Connections cannot be recorded right now. Try again later."


class Connections:
    """The connections of all clients. `patient`: what is not noted now, nobody notes."""

    def __init__(self, patient: Cache, realtime: Realtime) -> None:
        self._cache = patient
        self._realtime = realtime

    async def opened(self, connection_id: str) -> None:
        """Note that a client has connected. Raises `ConnectionsAway`."""
        await self._run(_OPENED, connection_id, _REMEMBERED)

    async def closed(self, connection_id: str) -> None:
        """Note that a client is gone for good. Raises `ConnectionsAway`."""
        await self._run(_CLOSED, connection_id)

    async def readings(self) -> list[Reading]:
        """Return how many there are. Raises `ConnectionsAway`."""
        return [Reading(CONNECTIONS, await self._run(_COUNT))]

    async def check(self, *, silent_for: int = CHECK_AFTER) -> int:
        """Ask about those that nothing was heard of for so many seconds, and return how many of them are gone.

        Raises `ConnectionsAway`, and `RealtimeAway`: then those that were not asked about stay.
        """
        gone = 0
        silent = await self._run(_SILENT, silent_for, _CHECKED_AT_ONCE)
        for ids in batched(silent, _ASKED_AT_ONCE, strict=False):
            there = await asyncio.gather(*(self._realtime.is_connected(one) for one in ids))
            for connection_id, is_there in zip(ids, there, strict=True):
                await (self.opened(connection_id) if is_there else self.closed(connection_id))
                gone += not is_there
        return gone

    async def _run(self, script: str, *arguments: str | float) -> Any:
        found = await self._cache.run(script, list(_KEYS), list(arguments))
        if found is None:
            raise ConnectionsAway
        return found
