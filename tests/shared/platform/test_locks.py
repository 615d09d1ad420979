"""One holder at a time, known by a token; and what is not renewed ends by itself."""

import asyncio
from uuid import uuid4

import pytest

from shared.platform.cache import Cache
from shared.platform.locks import SECONDS, Locks, LocksAway
from shared.platform.runtime import Runtime
from tests.shared.platform.offline import offline

_LEFT = "return redis.call('PTTL', KEYS[1])"


@pytest.fixture
def key() -> str:
    return f"test:lock:{uuid4()}"


async def left(runtime: Runtime, key: str) -> int:
    """In how many milliseconds a lock ends."""
    return int(await runtime.patient_cache.run(_LEFT, [key], []))


async def test_a_lock_has_one_holder_for_a_minute_and_that_one_may_renew_it(runtime: Runtime, key: str) -> None:
    locks = runtime.locks
    assert [await locks.take(key, owner) for owner in ("ann", "bob", "ann")] == [True, False, True]
    assert SECONDS == 60
    assert 50_000 < await left(runtime, key) <= 60_000
    assert 50 < await locks.seconds_left(key) <= 60


async def test_only_its_holder_lets_go_of_a_lock(runtime: Runtime, key: str) -> None:
    locks = runtime.locks
    await locks.take(key, "ann")
    await locks.release(key, "bob")
    assert not await locks.take(key, "bob")
    await locks.release(key, "ann")
    assert await locks.take(key, "bob")


async def test_who_waits_gets_a_lock_that_its_holder_has_lost(runtime: Runtime, key: str) -> None:
    locks = runtime.locks
    await locks.take(key, "ann", 1)
    async with asyncio.timeout(10):
        await locks.wait(key, "bob")
    await locks.release(key, "ann")
    assert not await locks.take(key, "ann")


async def test_a_lock_that_is_kept_is_renewed_until_its_holder_is_done(runtime: Runtime, key: str) -> None:
    locks = runtime.locks
    await locks.take(key, "ann", 1)
    async with asyncio.timeout(10), locks.keeping(key, "ann", 1):
        for _ in range(2):
            before = await left(runtime, key)
            while (now := await left(runtime, key)) <= before:
                assert now > 0
                before = now
                await asyncio.sleep(0.01)
            assert not await locks.take(key, "bob")
    assert await locks.take(key, "bob")


async def test_a_lock_is_let_go_of_when_the_work_fails(runtime: Runtime, key: str) -> None:
    locks = runtime.locks
    await locks.take(key, "ann")
    with pytest.raises(ZeroDivisionError):
        async with locks.keeping(key, "ann"):
            raise ZeroDivisionError
    assert await locks.take(key, "bob")


async def test_without_redis_nobody_gets_a_lock_and_nobody_fails_to_let_go(key: str) -> None:
    nowhere = Cache(offline())
    locks = Locks(nowhere)
    for attempt in (locks.take(key, "ann"), locks.wait(key, "ann")):
        with pytest.raises(LocksAway):
            await attempt
    async with locks.keeping(key, "ann"):
        assert await locks.seconds_left(key) == 1
    await nowhere.close()
