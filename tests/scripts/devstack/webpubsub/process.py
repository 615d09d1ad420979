"""The stand-in as a process of its own, which can be ended as the kernel would."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.scripts.devstack.webpubsub.conversation import PATIENCE


async def launch(*words: str, **environment: str) -> Process:
    command = [sys.executable, "-m", "scripts.devstack.webpubsub", *words]
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, env=os.environ | environment)


async def ready_url(process: Process) -> str:
    """Where the process says that it listens."""
    assert process.stdout is not None
    word, url = (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode().split()
    assert word == "ready"
    return url


@asynccontextmanager
async def running(redis_url: str, key: str, port: int) -> AsyncIterator[Process]:
    """A process that listens; killed when the block is left, unless it has ended by then."""
    process = await launch("--port", str(port), REDIS_URL=redis_url, WEBPUBSUB_ACCESS_KEY=key)
    try:
        await ready_url(process)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
