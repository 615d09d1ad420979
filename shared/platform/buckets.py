"""Token buckets of one process: the law of a rate limit, whoever keeps the buckets."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MAX_KEYS: Final = 10_000


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


class Buckets:
    """Buckets by key, of this process alone. `now` tells seconds that never go back."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._filled: dict[str, tuple[float, float]] = {}

    def take(self, key: str, limit: Limit) -> Verdict:
        """Take one call out of the bucket `key`."""
        if len(self._filled) >= MAX_KEYS:
            self._filled.clear()
        now = self._now()
        tokens = self._left(key, limit, now)
        allowed = tokens >= 1
        tokens -= allowed
        self._filled[key] = (tokens, now)
        return verdict(limit, tokens, allowed=allowed)

    def peek(self, key: str, limit: Limit) -> Verdict:
        """Say what `take` would, and take nothing."""
        tokens = self._left(key, limit, self._now())
        return verdict(limit, tokens, allowed=tokens >= 1)

    def _left(self, key: str, limit: Limit, now: float) -> float:
        tokens, at = self._filled.get(key, (limit.count, now))
        return min(limit.count, tokens + (now - at) * limit.rate)


def verdict(limit: Limit, tokens: float, *, allowed: bool) -> Verdict:
    """Return what a bucket with so many calls left says of the call that was asked for."""
    return Verdict(allowed=allowed, remaining=int(tokens), retry_after=max(0.0, (1 - tokens) / limit.rate))
