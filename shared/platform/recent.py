"""What was found out a moment ago: one look for many who ask, and for whoever asks within seconds."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class _Look:
    task: asyncio.Future[Any]
    ends: float | None = None  # by the loop's clock, once it is done


class Recent:
    """Answers of this process by name. A look that fails is repeated by the next who asks."""

    def __init__(self) -> None:
        self._looks: dict[str, _Look] = {}

    async def get[Found](self, name: str, look: Callable[[], Awaitable[Found]], *, seconds: float) -> Found:
        """Return what `look` returned, at most `seconds` ago. Whoever asks while it goes on waits for its end."""
        loop = asyncio.get_running_loop()
        kept = self._looks.get(name)
        if kept is None or (kept.ends is not None and kept.ends <= loop.time()):
            kept = self._looks[name] = begun = _Look(asyncio.ensure_future(look()))

            def is_done(task: asyncio.Future[Found]) -> None:
                is_kept = not task.cancelled() and task.exception() is None
                begun.ends = loop.time() + (seconds if is_kept else 0)

            begun.task.add_done_callback(is_done)
        # One who goes away takes the answer from nobody.
        found: Found = await asyncio.shield(kept.task)
        return found

    async def close(self) -> None:
        """End what goes on."""
        for look in self._looks.values():
            look.task.cancel()
        await asyncio.gather(*(look.task for look in self._looks.values()), return_exceptions=True)
