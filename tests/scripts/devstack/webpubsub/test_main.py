"""The stand-in as a process of its own."""

import asyncio
import signal

import pytest
from aiohttp import ClientSession

from tests.scripts.devstack.webpubsub.conftest import KEY
from tests.scripts.devstack.webpubsub.conversation import PATIENCE
from tests.scripts.devstack.webpubsub.process import launch, ready_url


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_where_it_listens_and_ends_on_a_signal(redis_url: str, number: signal.Signals) -> None:
    process = await launch(REDIS_URL=redis_url, WEBPUBSUB_ACCESS_KEY=KEY)
    url = await ready_url(process)
    async with ClientSession() as session, session.get(f"{url}/api/health") as response:
        status = response.status

    process.send_signal(number)
    output, errors = await asyncio.wait_for(process.communicate(), PATIENCE)

    assert (status, process.returncode) == (200, 0)
    assert (output, errors) == (b"", b"")


async def test_it_ends_on_a_signal_also_while_it_waits_for_redis() -> None:
    process = await launch("--redis-url", "redis://127.0.0.1:9/0", "--access-key", KEY)
    assert process.stderr is not None
    await asyncio.wait_for(process.stderr.readline(), PATIENCE)  # the warning that Redis is away

    process.terminate()
    await asyncio.wait_for(process.communicate(), PATIENCE)

    assert process.returncode == 0


@pytest.mark.parametrize("key", ["", "short", "with a semicolon; and more than enough bytes"])
async def test_a_key_that_will_not_do_is_refused(key: str) -> None:
    process = await launch(WEBPUBSUB_ACCESS_KEY=key)

    _, errors = await asyncio.wait_for(process.communicate(), PATIENCE)

    assert process.returncode == 2
    assert b"access key" in errors
