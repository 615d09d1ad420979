import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.platform import group_commit
from shared.platform.group_commit import GroupCommit

type Write = Callable[[str, list[list[int]]], Awaitable[list[int]]]


class Outage(Exception):
    pass


class Poison(Exception):
    pass


class Ledger:
    """A store that remembers its writes. A negative number is poison; `gate` holds every write while it is closed.

    `seconds` is how long each write takes.
    """

    def __init__(self, *, seconds: float = 0) -> None:
        self.seconds = seconds
        self.batches: list[tuple[str, list[list[int]]]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.is_down = False
        self.at_once: Counter[str] = Counter()
        self.most_at_once: Counter[str] = Counter()

    async def write(self, key: str, requests: list[list[int]]) -> list[int]:
        self.batches.append((key, requests))
        self.at_once[key] += 1
        self.most_at_once[key] = max(self.most_at_once[key], self.at_once[key])
        try:
            await self.gate.wait()
            await asyncio.sleep(self.seconds)
        finally:
            self.at_once[key] -= 1
        if self.is_down:
            raise Outage
        if any(number < 0 for request in requests for number in request):
            raise Poison
        return [sum(request) for request in requests]


def grouped(ledger: Ledger, *, limit: int = 200, patience: float = 60) -> GroupCommit[str, list[int], int]:
    return GroupCommit(ledger.write, outage=Outage, patience=patience, limit=limit)


async def turns(count: int) -> None:
    """Let everything that is ready run, so many times."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_callers_of_the_same_moment_share_a_write_and_get_their_own_results() -> None:
    ledger = Ledger()
    group = grouped(ledger)
    assert await asyncio.gather(*(group("a", [n]) for n in range(5))) == [0, 1, 2, 3, 4]
    assert ledger.batches == [("a", [[0], [1], [2], [3], [4]])]


async def test_a_lone_caller_waits_for_no_timer() -> None:
    ledger = Ledger()
    lone = asyncio.create_task(grouped(ledger)("a", [1]))
    await turns(5)
    assert lone.done()
    assert await lone == 1


async def test_keys_do_not_share_a_write() -> None:
    ledger = Ledger()
    group = grouped(ledger)
    await asyncio.gather(group("a", [1]), group("b", [2]), group("a", [3]))
    assert sorted(ledger.batches) == [("a", [[1], [3]]), ("b", [[2]])]


async def test_callers_that_come_during_a_write_share_the_next_one() -> None:
    ledger = Ledger()
    group = grouped(ledger)
    ledger.gate.clear()
    first = asyncio.create_task(group("a", [1]))
    await turns(3)
    later = [asyncio.create_task(group("a", [n])) for n in (2, 3)]
    await turns(3)
    ledger.gate.set()
    assert await asyncio.gather(first, *later) == [1, 2, 3]
    assert ledger.batches == [("a", [[1]]), ("a", [[2], [3]])]


async def test_a_key_has_one_write_at_once() -> None:
    ledger = Ledger()
    group = grouped(ledger, limit=1)
    ledger.gate.clear()
    callers = [asyncio.create_task(group(key, [n])) for n in range(6) for key in "ab"]
    await turns(5)
    ledger.gate.set()
    await asyncio.gather(*callers)
    assert ledger.most_at_once == {"a": 1, "b": 1}
    assert len(ledger.batches) == 12


@pytest.fixture
def long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a pause be as long as the write before it, so that a stall of the machine ends none."""
    monkeypatch.setattr(group_commit, "_MAX_PAUSE_SECONDS", 60)


@pytest.mark.usefixtures("long_pauses")
async def test_those_who_come_back_after_a_shared_write_share_the_next_one_too() -> None:
    ledger = Ledger(seconds=0.3)
    group = grouped(ledger)

    async def caller(number: int) -> None:
        for turn in range(3):
            await turns(number)  # no two come at the same moment
            await group("a", [turn])

    await asyncio.gather(*(caller(number) for number in range(8)))
    first, *others = [len(batch) for _, batch in ledger.batches]
    assert others == [8, 8, 8 - first]


async def test_a_pause_ends_when_nobody_comes_back() -> None:
    group = grouped(Ledger(seconds=0.2))
    async with asyncio.timeout(20):
        await asyncio.gather(group("a", [1]), group("a", [2]))
        assert await group("a", [3]) == 3
        await group.close()


@pytest.mark.usefixtures("long_pauses")
async def test_a_pause_ends_with_rows_enough_for_a_write() -> None:
    ledger = Ledger(seconds=2)
    group = grouped(ledger, limit=3)
    await asyncio.gather(*(group("a", [1]) for _ in range(3)))
    ledger.seconds = 0
    async with asyncio.timeout(1.8):  # of the two seconds that the pause could take
        assert await group("a", [1, 2, 3]) == 6


async def test_a_write_holds_no_more_rows_than_the_limit_unless_one_caller_brings_more() -> None:
    ledger = Ledger()
    group = grouped(ledger, limit=10)
    await asyncio.gather(*(group("a", [1] * size) for size in (4, 6, 1, 25, 10)))
    assert [[len(request) for request in batch] for _, batch in ledger.batches] == [[4, 6], [1], [25], [10]]


async def test_a_bad_caller_fails_alone() -> None:
    group = grouped(Ledger())
    results = await asyncio.gather(*(group("a", [n]) for n in (1, 2, -1, 4, 5)), return_exceptions=True)
    assert isinstance(results.pop(2), Poison)
    assert results == [1, 2, 4, 5]


@settings(max_examples=50)
@given(st.lists(st.lists(st.integers(-1, 9), min_size=1, max_size=4), max_size=30), st.integers(1, 12))
async def test_whoever_is_bad_and_however_many_each_hears_its_own(requests: list[list[int]], limit: int) -> None:
    group = grouped(Ledger(), limit=limit)
    results = await asyncio.gather(*(group("a", request) for request in requests), return_exceptions=True)
    for request, result in zip(requests, results, strict=True):
        assert isinstance(result, Poison) if min(request) < 0 else result == sum(request)


async def test_an_outage_is_told_to_all_without_trying_each() -> None:
    ledger = Ledger()
    ledger.is_down = True
    group = grouped(ledger)
    results = await asyncio.gather(*(group("a", [n]) for n in range(8)), return_exceptions=True)
    assert [type(result) for result in results] == [Outage] * 8
    assert len(ledger.batches) == 1


async def test_it_works_again_after_an_outage() -> None:
    ledger = Ledger()
    ledger.is_down = True
    group = grouped(ledger)
    with pytest.raises(Outage):
        await group("a", [1])
    ledger.is_down = False
    assert await group("a", [1]) == 1


async def test_a_caller_that_gives_up_does_not_take_the_others_with_it() -> None:
    ledger = Ledger()
    group = grouped(ledger)
    ledger.gate.clear()
    impatient, patient = asyncio.create_task(group("a", [1])), asyncio.create_task(group("a", [2]))
    await turns(3)
    impatient.cancel()
    await turns(3)
    ledger.gate.set()
    assert await patient == 2
    assert ledger.batches == [("a", [[1], [2]])]
    assert impatient.cancelled()


async def test_closing_waits_for_what_was_begun() -> None:
    ledger = Ledger()
    group = grouped(ledger)
    ledger.gate.clear()
    caller = asyncio.create_task(group("a", [1]))
    await turns(3)
    closing = asyncio.create_task(group.close())
    await turns(3)
    assert not closing.done()
    ledger.gate.set()
    await closing
    assert await caller == 1


async def test_a_store_that_answers_for_too_few_fails_its_callers_instead_of_leaving_them_waiting() -> None:
    async def forgetful(_key: str, requests: list[list[int]]) -> list[int]:
        return [1 for _ in requests[1:]]

    group: GroupCommit[str, list[int], int] = GroupCommit(forgetful, outage=Outage, patience=60)
    async with asyncio.timeout(5):
        results = await asyncio.gather(group("a", [1]), group("a", [2]), return_exceptions=True)
    assert [type(result) for result in results] == [ValueError, ValueError]


async def test_who_waits_too_long_for_a_write_to_begin_is_told_and_nothing_of_theirs_is_written() -> None:
    ledger = Ledger()
    group = grouped(ledger, patience=0.5)
    ledger.gate.clear()
    first = asyncio.create_task(group("a", [1]))
    await turns(3)
    with pytest.raises(Outage):
        await group("a", [2])
    assert not first.done()  # it has begun, and its outcome is not known
    last = asyncio.create_task(group("a", [3]))
    await turns(3)
    ledger.gate.set()
    assert (await first, await last) == (1, 3)
    assert ledger.batches == [("a", [[1]]), ("a", [[3]])]
