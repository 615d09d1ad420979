"""Group commit: callers waiting at the same moment share one transaction."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Hashable, Sized
from contextvars import Context


class GroupCommit[Key: Hashable, Request: Sized, Result]:
    """Callers that wait at the same moment with the same key share one write. No timer: an idle caller goes at once.

    `write(key, requests)` stores what many callers want, up to about `limit` rows (a request's length says how many it
    has), and returns one result a caller, in their order. When it fails, the
    batch is halved until the bad caller stands alone, unless the failure is one of `outage`: then all are told.
    """

    def __init__(
        self,
        write: Callable[[Key, list[Request]], Awaitable[list[Result]]],
        *,
        outage: tuple[type[BaseException], ...],
        limit: int = 200,
        lanes: int = 2,
    ) -> None:
        self._write = write
        self._outage = outage
        self._limit = limit
        self._lanes = lanes
        self._waiting: defaultdict[Key, deque[tuple[Request, asyncio.Future[Result]]]] = defaultdict(deque)
        self._busy: Counter[Key] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, key: Key, request: Request) -> Result:
        """Store `request` under `key` and return its result. A caller that gives up does not cancel the batch."""
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting[key].append((request, done))
        if self._busy[key] < self._lanes:
            self._busy[key] += 1
            # In no caller's context: it works for many.
            task = asyncio.create_task(self._drain(key), context=Context())
            self._tasks.add(task)  # the loop holds tasks weakly
            task.add_done_callback(self._tasks.discard)
        return await done

    async def close(self) -> None:
        """Wait for what has been begun."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _drain(self, key: Key) -> None:
        try:
            await asyncio.sleep(0)  # whoever is readable already gets in
            while queue := self._waiting[key]:
                batch = [queue.popleft()]
                size = len(batch[0][0])
                while queue and size + len(queue[0][0]) <= self._limit:
                    size += len(queue[0][0])
                    batch.append(queue.popleft())
                await self._settle(key, batch)
        finally:
            self._busy[key] -= 1
            if not self._busy[key]:
                del self._busy[key]
                if not self._waiting[key]:
                    del self._waiting[key]

    async def _settle(self, key: Key, batch: list[tuple[Request, asyncio.Future[Result]]]) -> None:
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
