"""Token buckets, shared through Redis; one of the process's own while Redis is away."""

from collections.abc import Mapping
from typing import Final

from shared.kernel.errors import Unavailable
from shared.platform.buckets import Buckets, Limit, Verdict, verdict
from shared.platform.cache import Cache

# Redis's own clock, so that every instance fills one bucket at one pace. A bucket is kept until it would be full again.
_TAKE: Final = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local found = {}
for i, key in ipairs(KEYS) do
  local capacity, rate = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local bucket = redis.call('HMGET', key, 'tokens', 'at')
  local tokens = tonumber(bucket[1]) or capacity
  tokens = math.min(capacity, tokens + math.max(0, now - (tonumber(bucket[2]) or now)) * rate)
  local allowed = tokens >= 1
  if allowed then tokens = tokens - 1 end
  redis.call('HSET', key, 'tokens', tostring(tokens), 'at', string.format('%.6f', now))
  redis.call('PEXPIRE', key, math.ceil(capacity / rate * 1000) + 1000)
  found[i] = {allowed and 1 or 0, tostring(tokens)}
  if not allowed then break end
end
return found
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
        if verdicts := await _take(cache, {key: limit}):
            return verdicts[0]
        if strict:
            raise Unavailable
        return self.local.take(key, limit)

    async def take_in_turn(self, limits: Mapping[str, Limit]) -> list[Verdict]:
        """Take one call out of each bucket until one has none left, and return the verdicts so far, as `take` would.

        The keys need one word in braces that they have in common, for Redis to ask them together.
        """
        verdicts = await _take(self._cache, limits)
        if verdicts is None:
            verdicts = []
            for key, limit in limits.items():
                verdicts.append(self.local.take(key, limit))
                if not verdicts[-1].allowed:
                    break
        return verdicts


async def _take(cache: Cache, limits: Mapping[str, Limit]) -> list[Verdict] | None:
    """Return the verdicts up to the first refusal; None when Redis does not answer."""
    paces: list[str | float] = [each for limit in limits.values() for each in (limit.count, limit.rate)]
    found = await cache.run(_TAKE, [f"limit:{key}" for key in limits], paces)
    if found is None:
        return None
    answers = zip(limits.values(), found, strict=False)
    return [verdict(limit, float(tokens), allowed=bool(allowed)) for limit, (allowed, tokens) in answers]
