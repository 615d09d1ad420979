"""One look for many who ask."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.platform.recent import Recent


class Looks:
    """Counts how often somebody looked; `over` lets a look end."""

    def __init__(self) -> None:
        self.number = 0
        self.over = asyncio.Event()

    async def look(self) -> int:
        self.number += 1
        await self.over.wait()
        return self.number

    async def fail(self) -> int:
        self.number += 1
        raise ValueError("broken")


@pytest.fixture
def looks() -> Looks:
    return Looks()


@pytest.fixture
async def recent() -> AsyncIterator[Recent]:
    found = Recent()
    yield found
    await found.close()


async def test_those_who_ask_meanwhile_wait_for_the_same_look(recent: Recent, looks: Looks) -> None:
    asking = asyncio.gather(*(recent.get("x", looks.look, seconds=60) for _ in range(5)))
    await asyncio.sleep(0)
    looks.over.set()
    assert await asking == [1] * 5
    assert await recent.get("x", looks.look, seconds=60) == 1


async def test_what_is_too_old_is_looked_at_again(recent: Recent, looks: Looks) -> None:
    looks.over.set()
    assert [await recent.get("x", looks.look, seconds=0) for _ in range(2)] == [1, 2]
    assert await recent.get("y", looks.look, seconds=60) == 3


async def test_a_look_that_fails_is_not_kept(recent: Recent, looks: Looks) -> None:
    for number in (1, 2):
        with pytest.raises(ValueError, match="broken"):
            await recent.get("x", looks.fail, seconds=60)
        assert looks.number == number


async def test_one_who_goes_away_takes_the_answer_from_nobody(recent: Recent, looks: Looks) -> None:
    first = asyncio.create_task(recent.get("x", looks.look, seconds=60))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    looks.over.set()
    assert await recent.get("x", looks.look, seconds=60) == 1
