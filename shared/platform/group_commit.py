"""Group commit: callers waiting at the same moment share one transaction."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence, Sized
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass, field
from typing import Final

_MAX_PAUSE_SECONDS: Final = 0.03


@dataclass(slots=True)
class _Lane[Request: Sized, Result]:
    """Who waits for a write of one key, of about `limit` rows. `expected` is how many callers end a pause early."""

    limit: int
    waiting: deque[tuple[Request, asyncio.Future[Result]]] = field(default_factory=deque)
    rows: int = 0
    expected: int = 0
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_complete(self) -> bool:
        return len(self.waiting) >= self.expected or self.rows >= self.limit

    def join(self, request: Request, done: asyncio.Future[Result]) -> None:
        self.waiting.append((request, done))
        self.rows += len(request)
        if self.is_complete:
            self.complete.set()

    def leave(self, request: Request, done: asyncio.Future[Result], error: Exception) -> None:
        """Tell a caller that it waited in vain, unless its write has begun."""
        if (request, done) in self.waiting:
            self.waiting.remove((request, done))
            self.rows -= len(request)
            if not done.done():
                done.set_exception(error)

    def take(self) -> list[tuple[Request, asyncio.Future[Result]]]:
        """Take callers out, in their order, whose rows are within the limit together; one at least."""
        batch = [self.waiting.popleft()]
        size = len(batch[0][0])
        while self.waiting and size + len(self.waiting[0][0]) <= self.limit:
            size += len(self.waiting[0][0])
            batch.append(self.waiting.popleft())
        self.rows -= size
        return batch

    async def pause(self, expected: int, seconds: float) -> None:
        """Wait until as many callers as `expected`, or rows enough for a write, are here; not longer than `seconds`."""
        self.expected = expected
        if self.is_complete:
            return
        self.complete.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.complete.wait()


class GroupCommit[Key: Hashable, Request: Sized, Result]:
    """Callers that wait at the same moment with the same key share one write; a key has one at a time.

    `write(key, requests)` stores what many callers want, up to about `limit` rows (a request's length says how many it
    has), and returns one result a caller, in their order. When it fails, the batch is halved until the bad caller
    stands alone, unless the failure is an `outage`: then all are told. Whoever has waited `patience` seconds for a
    write to begin is told so too.

    A lone caller goes at once. Where several took part, the next write waits for as many again: at most as long as the
    last one took, and 30 ms. So a busy key makes few large writes, and callers wait little longer than for their turn.
    """

    def __init__(
        self,
        write: Callable[[Key, list[Request]], Awaitable[list[Result]]],
        *,
        outage: type[Exception],
        patience: float,
        limit: int = 200,
    ) -> None:
        self._write = write
        self._outage = outage
        self._patience = patience
        self._limit = limit
        self._lanes: dict[Key, _Lane[Request, Result]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, key: Key, request: Request) -> Result:
        """Store `request` under `key` and return its result. A caller that gives up does not cancel the batch."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane(self._limit)
            # In no caller's context: it works for many.
            task = asyncio.create_task(self._drain(key, lane), context=Context())
            self._tasks.add(task)  # the loop holds tasks weakly
            task.add_done_callback(self._tasks.discard)
        lane.join(request, done)
        impatient = loop.call_later(self._patience, lane.leave, request, done, self._outage())
        try:
            return await done
        finally:
            impatient.cancel()

    async def close(self) -> None:
        """Wait for what has been begun."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _drain(self, key: Key, lane: _Lane[Request, Result]) -> None:
        now = asyncio.get_running_loop().time
        try:
            await asyncio.sleep(0)  # whoever is readable already gets in
            while lane.waiting:
                batch, began = lane.take(), now()
                await self._settle(key, batch)
                callers = len(batch) + len(lane.waiting)
                if callers > 1:
                    await lane.pause(callers, min(now() - began, _MAX_PAUSE_SECONDS))
        finally:
            del self._lanes[key]

    async def _settle(self, key: Key, batch: Sequence[tuple[Request, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._write(key, [request for request, _ in batch])
            answers = list(zip(batch, results, strict=True))
        except Exception as error:  # noqa: BLE001 - every caller must hear of its own failure, whatever it is
            if len(batch) > 1 and not isinstance(error, self._outage):
                middle = len(batch) // 2
                await self._settle(key, batch[:middle])
                await self._settle(key, batch[middle:])
                return
            for _, done in batch:
                if not done.done():
                    done.set_exception(error)
            return
        for (_, done), result in answers:
            if not done.done():
                done.set_result(result)
