"""Token buckets: exact under concurrency, and there while Redis is away."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from pydantic import SecretStr

from scripts.devstack.ports import free_port
from shared.kernel.errors import Unavailable
from shared.platform.buckets import Limit
from shared.platform.cache import Cache
from shared.platform.ratelimit import Limits
from shared.platform.runtime import Runtime
from shared.platform.settings import Settings

SLOW = Limit(count=100, seconds=3_600)


async def test_eight_hundred_calls_at_once_pass_as_often_as_the_limit_says(settings: Settings) -> None:
    patient = Cache(settings, timeout=10)  # a busy test machine must not look like a Redis that is away
    limits, key = Limits(patient), uuid4().hex
    verdicts = await asyncio.gather(*(limits.take(key, SLOW) for _ in range(800)))
    await patient.close()
    assert sum(verdict.allowed for verdict in verdicts) == SLOW.count
    refused = next(verdict for verdict in verdicts if not verdict.allowed)
    assert refused.remaining == 0
    assert 0 < refused.retry_after <= SLOW.seconds / SLOW.count


async def test_a_bucket_fills_again(runtime: Runtime) -> None:
    quick = Limit(count=1, seconds=0.05)
    key = uuid4().hex
    assert (await runtime.limits.take(key, quick)).allowed
    refused = await runtime.limits.take(key, quick)
    await asyncio.sleep(refused.retry_after + 0.02)
    assert (await runtime.limits.take(key, quick)).allowed


async def test_keys_have_buckets_of_their_own(runtime: Runtime) -> None:
    one = Limit(count=1, seconds=3_600)
    assert (await runtime.limits.take(uuid4().hex, one)).allowed
    assert (await runtime.limits.take(uuid4().hex, one)).allowed


async def test_buckets_in_turn_are_left_alone_behind_one_that_is_empty(runtime: Runtime) -> None:
    await takes_in_turn(runtime.limits)


async def takes_in_turn(limits: Limits) -> None:
    name = uuid4().hex
    own, shared = f"{{{name}}}:own", f"{{{name}}}"
    small = Limit(count=1, seconds=3_600)
    verdicts = [await limits.take_in_turn({own: small, shared: SLOW}) for _ in range(3)]
    assert [[one.allowed for one in each] for each in verdicts] == [[True, True], [False], [False]]
    assert (await limits.take(shared, SLOW)).remaining == SLOW.count - 2


@pytest.fixture
def away(settings: Settings) -> Limits:
    url = SecretStr(f"redis://127.0.0.1:{free_port()}/0")
    return Limits(Cache(settings.model_copy(update={"redis_url": url})))


async def test_while_redis_is_away_the_process_counts_alone(away: Limits) -> None:
    verdicts = [await away.take("key", replace(SLOW, count=3)) for _ in range(5)]
    assert [verdict.allowed for verdict in verdicts] == [True, True, True, False, False]


async def test_buckets_in_turn_are_the_process_own_while_redis_is_away(away: Limits) -> None:
    await takes_in_turn(away)


async def test_what_must_not_be_guessed_at_fails_closed(away: Limits) -> None:
    with pytest.raises(Unavailable):
        await away.take("key", SLOW, strict=True)
