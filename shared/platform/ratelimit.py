"""Token buckets, shared through Redis; one of the process's own while Redis is away."""

import time
from dataclasses import dataclass
from typing import Final

from shared.kernel.errors import Unavailable
from shared.platform.cache import Cache

_MOST_LOCAL_KEYS: Final = 10_000

# Redis's own clock, so that every instance fills one bucket at one pace. A bucket is kept until it would be full again.
_TAKE: Final = """
local capacity, rate, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(bucket[1]) or capacity
tokens = math.min(capacity, tokens + math.max(0, now - (tonumber(bucket[2]) or now)) * rate)
local allowed = tokens >= cost
if allowed then tokens = tokens - cost end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(capacity / rate * 1000) + 1000)
return {allowed and 1 or 0, tostring(tokens)}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `count` calls in `seconds`, which fill up evenly; a burst may take them all at once."""

    count: int
    seconds: float

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.count / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a call may pass, how many more may at once, and in how many seconds the next one may."""

    allowed: bool
    remaining: int
    retry_after: float


class Limits:
    """Buckets by key. `patient` is asked where the answer must not be guessed."""

    def __init__(self, cache: Cache, patient: Cache | None = None) -> None:
        self._cache = cache
        self._patient = patient or cache
        self._local: dict[str, tuple[float, float]] = {}

    async def take(self, key: str, limit: Limit, *, strict: bool = False) -> Verdict:
        """Take one call out of the bucket `key`.

        While Redis is away every process has a bucket of its own, unless `strict`: then it raises `Unavailable`.
        """
        cache = self._patient if strict else self._cache
        found = await cache.run(_TAKE, [f"limit:{key}"], [limit.count, limit.rate, 1])
        if found is not None:
            return _verdict(limit, float(found[1]), allowed=bool(int(found[0])))
        if strict:
            raise Unavailable
        return self.take_locally(key, limit)

    def take_locally(self, key: str, limit: Limit) -> Verdict:
        """Take one call out of a bucket of this process alone."""
        if len(self._local) >= _MOST_LOCAL_KEYS:
            self._local.clear()
        now = time.monotonic()
        tokens, at = self._local.get(key, (float(limit.count), now))
        tokens = min(float(limit.count), tokens + (now - at) * limit.rate)
        allowed = tokens >= 1
        tokens -= 1 if allowed else 0
        self._local[key] = (tokens, now)
        return _verdict(limit, tokens, allowed=allowed)


def _verdict(limit: Limit, tokens: float, *, allowed: bool) -> Verdict:
    return Verdict(allowed=allowed, remaining=int(tokens), retry_after=max(0.0, (1 - tokens) / limit.rate))
