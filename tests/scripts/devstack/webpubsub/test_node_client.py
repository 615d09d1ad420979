"""The official npm client, unchanged, as a browser would run it."""

import asyncio
import json
import shutil
import signal
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from scripts.devstack.ports import free_port
from scripts.devstack.webpubsub.protocol import PLAIN, RELIABLE
from scripts.devstack.webpubsub.tokens import CLOCK_SKEW
from tests.scripts.devstack.webpubsub.conftest import KEY, StandIn
from tests.scripts.devstack.webpubsub.process import running
from tests.waiting import eventually

PACKAGES = Path(__file__).parents[4] / "scripts/devstack/node/package.json"
PATIENCE = 30  # seconds; the client tries again once a second

pytestmark = pytest.mark.node


@dataclass
class NodeClient:
    """A Node process with one client in it."""

    process: Process
    negotiate: Callable[[], Awaitable[str]]
    negotiations: int = 0

    async def tell(self, command: str, **details: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"command": command, **details}).encode() + b"\n")
        await self.process.stdin.drain()

    async def do(self, command: str, **details: object) -> dict[str, Any]:
        """The outcome of a command; what happens meanwhile is dropped."""
        await self.tell(command, **details)
        while True:
            event = await self.next("done", "failed")
            if event["command"] == command:
                return event

    async def next(self, *events: str) -> dict[str, Any]:
        """The next of these events; negotiates on the way."""
        assert self.process.stdout is not None
        while True:
            line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)
            event: dict[str, Any] = json.loads(line)
            if event["event"] == "negotiate":
                self.negotiations += 1
                await self.tell("url", url=await self.negotiate())
            if event["event"] in events:
                return event

    async def data(self, count: int) -> list[object]:
        """Data of the next messages."""
        return [(await self.next("message"))["data"] for _ in range(count)]


type StartNode = Callable[..., Awaitable[NodeClient]]


@pytest.fixture
async def start_node() -> AsyncIterator[StartNode]:
    """Starts the client; `negotiate` gives it an address whenever it wants one."""
    node = shutil.which("node")
    if node is None or not (PACKAGES.parent / "node_modules/@azure/web-pubsub-client").exists():
        pytest.skip("the npm packages are missing: run `npm ci` in scripts/devstack/node")
    async with AsyncExitStack() as ending:

        async def start(negotiate: Callable[[], Awaitable[str]], subprotocol: str = RELIABLE) -> NodeClient:
            process = await asyncio.create_subprocess_exec(
                node, Path(__file__).with_name("client.mjs"), PACKAGES, subprotocol, stdin=PIPE, stdout=PIPE
            )
            ending.push_async_callback(process.communicate)
            client = NodeClient(process, negotiate)
            assert (await client.do("start"))["event"] == "done"
            return client

        yield start


@pytest.mark.parametrize("subprotocol", [PLAIN, RELIABLE])
async def test_a_message_to_a_group_of_the_token_arrives(
    stand_in: StandIn, start_node: StartNode, subprotocol: str
) -> None:
    client = await start_node(lambda: stand_in.client_url("ann", groups=["g"]), subprotocol)

    await stand_in.service.send_to_group("g", {"ü": [1, None]})
    await stand_in.service.send_to_user("ann", "text", content_type="text/plain")

    assert await client.data(2) == [{"ü": [1, None]}, "text"]


async def test_a_join_without_a_role_is_forbidden(stand_in: StandIn, start_node: StartNode) -> None:
    client = await start_node(stand_in.client_url)

    assert (await client.do("join", group="g"))["error"] == "Forbidden"


async def test_an_operation_sent_twice_is_done_once(stand_in: StandIn, start_node: StartNode) -> None:
    member = await stand_in.connect(groups=["g"])
    client = await start_node(lambda: stand_in.client_url(roles=["webpubsub.sendToGroup.g"]))

    results = [(await client.do("send", group="g", data=1, ackId=7))["result"] for _ in range(2)]

    assert [result["isDuplicated"] for result in results] == [False, True]
    assert await member.receive_data() == [1]


async def test_a_client_that_stops_has_said_goodbye(stand_in: StandIn, start_node: StartNode) -> None:
    client = await start_node(stand_in.client_url)

    await client.tell("stop")

    await client.next("stopped")


async def test_a_cut_is_mended_in_order_although_the_access_token_has_expired(
    stand_in: StandIn, start_node: StartNode
) -> None:
    path = f"/client/hubs/{stand_in.hub}"
    token = jwt.encode({"aud": path, "sub": "ann", "exp": int(time.time()) - CLOCK_SKEW + 2}, KEY, algorithm="HS256")
    url = f"{stand_in.url.replace('http', 'ws')}{path}?access_token={token}"
    client = await start_node(lambda: asyncio.sleep(0, url))
    await eventually(lambda: is_refused(stand_in.session, url))

    received: list[object] = []
    for start in (0, 100):
        for number in range(start, start + 100):
            if number == start + 50:
                await client.tell("cut")
            await stand_in.service.send_to_user("ann", str(number))
        received += await client.data(100)

    assert received == [str(number) for number in range(200)]
    assert client.negotiations == 1


async def is_refused(session: ClientSession, url: str) -> bool:
    try:
        async with session.ws_connect(url, protocols=[PLAIN]):
            return False
    except WSServerHandshakeError as error:
        return error.status == 401


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_a_client_comes_back_after_the_server_does(
    redis_url: str, start_node: StartNode, number: signal.Signals
) -> None:
    port = free_port()
    connection_string = f"Endpoint=http://127.0.0.1:{port};AccessKey={KEY};Version=1.0;"
    hub = f"h{uuid4().hex}"
    async with WebPubSubServiceClient.from_connection_string(connection_string, hub) as service:

        async def negotiate() -> str:
            roles = ["webpubsub.joinLeaveGroup"]
            return str((await service.get_client_access_token(groups=["of.token"], roles=roles))["url"])

        async with running(redis_url, KEY, port) as process:
            client = await start_node(negotiate)
            await client.do("join", group="joined")
            process.send_signal(number)
            await process.wait()

        async with running(redis_url, KEY, port):
            await client.next("connected")
            await eventually(lambda: service.group_exists("joined"))
            await service.send_to_group("of.token", "to the token's group")
            await service.send_to_group("joined", "to the joined group")

            assert await client.data(2) == ["to the token's group", "to the joined group"]
            assert client.negotiations == 2
