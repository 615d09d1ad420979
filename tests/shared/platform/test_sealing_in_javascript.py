"""Callers in JavaScript seal requests and open replies: with the npm package `jose`, and with WebCrypto alone."""

import asyncio
import json
import shutil
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from shared.platform.sealing import CannotBeOpened, seal_reply
from tests.shared.platform.sealed import METHOD, PATH, envelope, opened, relabelled, sealing

PACKAGES = Path(__file__).parents[3] / "scripts/devstack/node/package.json"
PATIENCE = 30  # seconds
BODY = json.dumps({"note": "Zürich 🚒 \u0000 " + "x" * 4_096})

pytestmark = pytest.mark.node

type Ask = Callable[..., Awaitable[dict[str, str]]]
type StartCaller = Callable[[str, str], Awaitable[Ask]]


@pytest.fixture
async def start_caller() -> AsyncIterator[StartCaller]:
    """Start a caller; it answers a line with a line."""
    node = shutil.which("node")
    if node is None or not (PACKAGES.parent / "node_modules/jose").exists():
        pytest.skip("the npm packages are missing: run `npm ci` in scripts/devstack/node")
    async with AsyncExitStack() as ending:

        async def start(library: str, curve: str) -> Ask:
            program = Path(__file__).with_name("sealing.mjs")
            arguments = ("--no-warnings", program, PACKAGES, library, curve)  # Node 20 calls X25519 experimental
            process = await asyncio.create_subprocess_exec(node, *arguments, stdin=PIPE, stdout=PIPE, limit=2**20)
            ending.push_async_callback(process.communicate)
            return lambda **told: answer(process, told)

        yield start


async def answer(process: Process, told: dict[str, Any]) -> dict[str, str]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(told).encode() + b"\n")
    found: dict[str, str] = json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE))
    return found


@pytest.mark.parametrize("curve", ["P-256", "X25519"])
@pytest.mark.parametrize("library", ["jose", "webcrypto"])
async def test_a_browser_can_seal_a_request_and_open_its_reply(
    redis_url: str, start_caller: StartCaller, library: str, curve: str
) -> None:
    ours = sealing(redis_url)
    ask = await start_caller(library, curve)
    for number in range(20):
        sent = envelope(body=BODY, reply_to=...)
        jwe = (await ask(jwks=json.loads(ours.jwks), envelope=sent))["jwe"].encode()
        request = await opened(ours, jwe)
        assert request.body == BODY.encode()
        with pytest.raises(CannotBeOpened):
            await opened(ours, jwe)

        reply = seal_reply(request, BODY.encode(), status=200 + number)
        read = json.loads((await ask(jwe=reply.decode()))["text"])
        assert read == {"v": 1, "jti": sent["jti"], "status": 200 + number, "body": BODY}
    await ours._cache.close()


@pytest.mark.parametrize("library", ["jose", "webcrypto"])
async def test_what_a_browser_sealed_is_refused_elsewhere(
    redis_url: str, start_caller: StartCaller, library: str
) -> None:
    ours = sealing(redis_url)
    ask = await start_caller(library, "P-256")
    jwe = (await ask(jwks=json.loads(ours.jwks), envelope=envelope(reply_to=...)))["jwe"].encode()
    for changes in ({"method": "GET"}, {"path": PATH + "&dry=0"}, {"tenant_id": None}):
        with pytest.raises(CannotBeOpened):
            await opened(ours, jwe, **changes)
    with pytest.raises(CannotBeOpened):
        await opened(ours, relabelled(jwe, kid="old"))
    assert await opened(ours, jwe, method=METHOD)
    await ours._cache.close()
