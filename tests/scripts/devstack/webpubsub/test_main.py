"""The stand-in as a process of its own."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process

import pytest
from aiohttp import ClientSession

from tests.scripts.devstack.webpubsub.conftest import KEY
from tests.scripts.devstack.webpubsub.conversation import PATIENCE


async def launch(*words: str, **environment: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "scripts.devstack.webpubsub",
        *words,
        stdout=PIPE,
        stderr=PIPE,
        env=os.environ | environment,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_where_it_listens_and_ends_on_a_signal(redis_url: str, number: signal.Signals) -> None:
    process = await launch(REDIS_URL=redis_url, WEBPUBSUB_ACCESS_KEY=KEY)
    assert process.stdout is not None
    word, url = (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode().split()
    async with ClientSession() as session, session.get(f"{url}/api/health") as response:
        status = response.status

    process.send_signal(number)
    output, errors = await asyncio.wait_for(process.communicate(), PATIENCE)

    assert (word, status, process.returncode) == ("ready", 200, 0)
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
