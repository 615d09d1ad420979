"""A circuit breaker: after a failure nobody else has to find out, for a while."""

import asyncio


class Breaker:
    """Remembers for `seconds` that something was away. Only inside a running event loop."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        return asyncio.get_running_loop().time() < self._open_until

    def failed(self) -> None:
        self._open_until = asyncio.get_running_loop().time() + self._seconds
