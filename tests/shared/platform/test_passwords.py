import asyncio
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest

from shared.platform.passwords import AT_ONCE, MAX_WAITING, NICENESS, HashingBusy, Passwords
from tests.shared.platform.offline import offline


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    built = Passwords(offline())
    yield built
    built.close()


async def test_a_password_verifies_against_its_own_hash_and_no_other(passwords: Passwords) -> None:
    stored = await passwords.hash("correct horse battery")
    assert await passwords.verify("correct horse battery", stored)
    assert not await passwords.verify("Correct horse battery", stored)


async def test_two_hashes_of_a_password_differ(passwords: Passwords) -> None:
    assert await passwords.hash("correct horse battery") != await passwords.hash("correct horse battery")


@pytest.mark.parametrize("start", ["a" * 72, "é" * 36, "\x00" + "a" * 71])
async def test_what_follows_the_72nd_byte_counts(passwords: Passwords, start: str) -> None:
    stored = await passwords.hash(start + "a")
    assert await passwords.verify(start + "a", stored)
    assert not await passwords.verify(start + "b", stored)


async def test_a_hash_is_worth_nothing_under_another_pepper(passwords: Passwords) -> None:
    stored = await passwords.hash("correct horse battery")
    other = Passwords(offline(PASSWORD_PEPPER="q" * 32))
    assert not await other.verify("correct horse battery", stored)
    other.close()


async def test_the_cost_is_the_setting_s(passwords: Passwords) -> None:
    assert (await passwords.hash("correct horse battery")).startswith("$2b$10$")


async def test_nobody_s_password_is_wrong_and_takes_as_long(passwords: Passwords) -> None:
    async def cost(password: str, stored: str | None) -> float:
        """Processor seconds of this process."""
        began = time.process_time()
        assert not await passwords.verify(password, stored)
        return time.process_time() - began

    stored = await passwords.hash("correct horse battery")
    # The first one counts too: whoever asks first must not tell either.
    unknown = [await cost("a guess", None) for _ in range(3)]
    known = [await cost("a guess", stored) for _ in range(3)]
    assert 0.5 < unknown[0] / min(known) < 2
    assert 0.5 < min(unknown) / min(known) < 2


class Counting(Passwords):
    """Knows how many of its calls ran at once, at most, how many there were, and how nice their threads are."""

    def __init__(self) -> None:
        super().__init__(offline())
        self._lock = threading.Lock()
        self._running = 0
        self.most = 0
        self.count = 0
        self.niceness: set[int] = set()

    async def _run[Result](self, work: Callable[[], Result]) -> Result:
        def counted() -> Result:
            with self._lock:
                self.count += 1
                self._running += 1
                self.most = max(self.most, self._running)
                self.niceness.add(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
            try:
                return work()
            finally:
                with self._lock:
                    self._running -= 1

        return await super()._run(counted)


@pytest.fixture
async def crowd() -> Counting:
    """Six calls at once, when they have ended."""
    counting = Counting()
    calls: list[Awaitable[object]] = [counting.hash("correct horse battery") for _ in range(3)]
    await asyncio.gather(*calls, *(counting.verify("a guess", None) for _ in range(3)))
    counting.close()
    return counting


def test_only_two_passwords_are_hashed_at_once(crowd: Counting) -> None:
    assert (crowd.count, crowd.most) == (6, AT_ONCE)


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has no priority of its own elsewhere")
def test_hashing_stands_back_and_nothing_else_does(crowd: Counting) -> None:
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert crowd.niceness == {NICENESS}
    assert own < NICENESS


def test_the_loop_goes_on_while_a_password_is_hashed(passwords: Passwords) -> None:
    async def longest_pause() -> float:
        pauses = [0.0]
        hashing = asyncio.gather(passwords.hash("a password"), passwords.verify("a guess", None))
        while not hashing.done():
            before = time.thread_time()
            await asyncio.sleep(0.001)
            pauses.append(time.thread_time() - before)
        await hashing
        return max(pauses)

    assert asyncio.run(longest_pause()) < 0.03  # a hash takes more than 0.05 s of some thread's time


async def test_who_would_wait_too_long_hears_so_at_once(passwords: Passwords) -> None:
    found = await asyncio.gather(
        *(passwords.verify("a guess", None) for _ in range(AT_ONCE + MAX_WAITING + 5)), return_exceptions=True
    )
    assert [type(one) for one in found].count(HashingBusy) == 5
    assert not await passwords.verify("a guess", None)
