import asyncio
import time
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from scripts.devstack.ports import free_port
from shared.platform.cache import Cache
from shared.platform.runtime import PATIENCE, Runtime
from tests.shared.platform.line import Line
from tests.shared.platform.offline import offline
from tests.waiting import eventually


async def test_what_was_set_is_found(runtime: Runtime) -> None:
    key = f"test:{uuid4()}"
    assert await runtime.cache.get(key) is None
    await runtime.cache.set(key, "über")
    assert await runtime.cache.get(key) == "über"


async def test_what_was_set_for_a_while_expires(runtime: Runtime) -> None:
    key = f"test:{uuid4()}"
    await runtime.cache.set(key, "value", seconds=60)
    assert 0 < await runtime.cache._connected().ttl(key) <= 60


@pytest.mark.parametrize("away", ["refusing", "hanging"])
async def test_with_redis_away_nothing_is_found_and_nothing_waits_long(away: str, silent_port: int) -> None:
    port = free_port() if away == "refusing" else silent_port
    cache = Cache(offline(REDIS_URL=f"redis://127.0.0.1:{port}"))
    began = time.monotonic()
    await cache.set("key", "value")
    assert await cache.get("key") is None
    assert time.monotonic() - began < 2  # the client itself would wait for four
    await cache.close()


async def test_what_is_imposed_is_stored_although_redis_has_just_failed(runtime: Runtime) -> None:
    await runtime.cache.set(key := f"test:{uuid4()}", "before", seconds=60)
    runtime.cache._breaker.failed()
    await runtime.cache.set(key, "lost")
    await runtime.cache.impose(key, "now", seconds=60, believed=10)
    assert await runtime.patient_cache.get(key) == "now"


async def test_what_is_owed_is_done_once_redis_answers_and_the_last_of_a_key_counts(
    runtime: Runtime, redis_line: Line, lined_cache: Cache
) -> None:
    key, number = f"test:{uuid4()}", f"test:{uuid4()}"
    await redis_line.cut()
    began = time.monotonic()
    for value in ("first", "second"):
        await lined_cache.impose(key, value, seconds=60, believed=30)
    assert 2 <= time.monotonic() - began < 10  # as long as two callers wait for it
    lined_cache.add_later(number, 3, believed=30)
    await redis_line.mend()
    await eventually(lambda: asyncio.sleep(0, not lined_cache._owed))
    assert [await runtime.patient_cache.get(one) for one in (key, number)] == ["second", "3"]


async def test_nothing_is_owed_for_longer_than_the_others_believe(
    redis_line: Line, lined_cache: Cache, caplog: pytest.LogCaptureFixture
) -> None:
    await redis_line.cut()
    lined_cache.add_later("test:1", 1, believed=0.1)
    await eventually(lambda: asyncio.sleep(0, not lined_cache._owed))
    assert "Redis stayed away: others may go on by what was at test" in caplog.text


async def test_a_cache_that_closes_does_what_is_owed(runtime: Runtime, redis_line: Line, lined_cache: Cache) -> None:
    key = f"test:{uuid4()}"
    await redis_line.cut()
    lined_cache.add_later(key, 1, believed=30)
    await redis_line.mend()
    await lined_cache.close()
    assert await runtime.patient_cache.get(key) == "1"


async def test_health_hears_that_redis_is_away() -> None:
    cache = Cache(offline())
    with pytest.raises(RedisConnectionError):
        await cache.ping()
    await cache.close()


async def test_a_connection_that_redis_has_ended_is_nobodys_trouble(redis_url: str) -> None:
    cache = Cache(offline(REDIS_URL=redis_url), timeout=PATIENCE)
    await cache.set(key := f"test:{uuid4()}", "there", seconds=60)
    client = cache._connected()
    (connection,) = client.connection_pool._available_connections
    async with Redis.from_url(redis_url) as other, asyncio.timeout(30):
        await other.client_kill_filter(_id=str(await client.client_id()))
        assert connection._reader is not None
        assert await connection._reader.read(1) == b""
    assert await cache.get(key) == "there"
    await cache.close()
