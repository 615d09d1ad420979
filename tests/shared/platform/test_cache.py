import asyncio
import time
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from scripts.devstack.ports import free_port
from shared.platform.cache import Cache
from shared.platform.runtime import PATIENCE, Runtime
from tests.shared.platform.offline import offline


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
    assert time.monotonic() - began < 0.5
    await cache.close()


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
