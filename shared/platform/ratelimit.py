"""Token buckets, shared through Redis; one of the process's own while Redis is away."""

from typing import Final

from shared.kernel.errors import Unavailable
from shared.platform.buckets import Buckets, Limit, Verdict, verdict
from shared.platform.cache import Cache

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


class Limits:
    """Buckets by key. `patient` is asked where the answer must not be guessed; `local` are of this process alone."""

    def __init__(self, cache: Cache, patient: Cache | None = None) -> None:
        self._cache = cache
        self._patient = patient or cache
        self.local = Buckets()

    async def take(self, key: str, limit: Limit, *, strict: bool = False) -> Verdict:
        """Take one call out of the bucket `key`.

        While Redis is away every process has a bucket of its own, unless `strict`: then it raises `Unavailable`.
        """
        cache = self._patient if strict else self._cache
        found = await cache.run(_TAKE, [f"limit:{key}"], [limit.count, limit.rate, 1])
        if found is not None:
            return verdict(limit, float(found[1]), allowed=bool(int(found[0])))
        if strict:
            raise Unavailable
        return self.local.take(key, limit)
