"""The failure of one spares the others, and no more than a few have their turn at once."""

import asyncio
import logging

import pytest

from shared.kernel.errors import Unavailable
from shared.platform.turns import in_turn, spared


class Away(Unavailable):
    title = "It does not answer."


class Work:
    """Fails for some, and knows how many had their turn at once at most."""

    def __init__(self, failing: dict[int, Exception]) -> None:
        self.failing = failing
        self.now = self.most = 0

    async def do(self, number: int) -> int:
        self.now += 1
        self.most = max(self.most, self.now)
        for _ in range(3):
            await asyncio.sleep(0)
        self.now -= 1
        if number in self.failing:
            raise self.failing[number]
        return 10 * number


def named(number: int) -> str:
    return f"number {number}"


async def test_one_failure_spares_the_others_and_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    work = Work({1: RuntimeError("broken"), 3: Away()})
    assert await in_turn(range(5), work.do, what=named, at_once=2) == [0, None, 20, None, 40]
    assert [(one.levelno, one.getMessage()) for one in caplog.records] == [
        (logging.ERROR, "number 1 failed"),
        (logging.WARNING, "number 3 has to wait: It does not answer."),
    ]


@pytest.mark.parametrize("at_once", [1, 3])
async def test_no_more_have_their_turn_at_once_than_may(at_once: int) -> None:
    work = Work({})
    await in_turn(range(9), work.do, what=named, at_once=at_once)
    assert work.most == at_once


async def test_what_is_away_ends_a_round_in_which_they_come_one_after_the_other() -> None:
    work = Work({1: ValueError(), 2: Away()})
    assert [await spared(work.do(number), "this") for number in (0, 1)] == [0, None]
    with pytest.raises(Away):
        await spared(work.do(2), "this")
