"""The same work for many: a few at a time, and the failure of one spares the others."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from shared.kernel.errors import Unavailable

log = logging.getLogger(__name__)


async def spared[Done](work: Awaitable[Done], what: str) -> Done | None:
    """Return what came of the work for one of many; None where it failed, which the log tells of `what`.

    Raises `Unavailable`: what is away for one is away for the others, too.
    """
    try:
        return await work
    except Unavailable:
        raise
    except Exception:
        # Whatever surprises us in one must not keep the others from their turn.
        log.exception("%s failed", what)
        return None


async def in_turn[One, Done](
    ones: Iterable[One], work: Callable[[One], Awaitable[Done]], *, what: Callable[[One], str], at_once: int
) -> list[Done | None]:
    """Work for each, `at_once` of them at a time, and return what came of it in their order; None where it failed.

    What met something that is away failed as well, with a warning alone. `what` names the work for one in the log.
    """
    turns = asyncio.Semaphore(at_once)

    async def turn(one: One) -> Done | None:
        async with turns:
            try:
                return await spared(work(one), what(one))
            except Unavailable as error:
                log.warning("%s has to wait: %s", what(one), error.title)
                return None

    return await asyncio.gather(*(turn(one) for one in ones))
