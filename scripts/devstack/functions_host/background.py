"""Work that goes on beside requests, and how it ends."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine

logger = logging.getLogger(__name__)


class Background:
    """Tasks that are kept alive until they end, and can be waited for on stop."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    def start[T](self, work: Coroutine[object, object, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.critical("Background work ended unexpectedly.", exc_info=error)

    async def drain(self, seconds: float) -> None:
        """Wait up to `seconds` for all tasks to end, then cancel those left."""
        if not self._tasks:
            return
        _, left = await asyncio.wait(self._tasks, timeout=seconds)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, but not beyond `stop`."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
