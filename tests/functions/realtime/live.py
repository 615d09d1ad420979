"""Live connections, as browsers have them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.fixtures import App

PATIENCE = 30  # seconds


@asynccontextmanager
async def listening(app: App, token: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Negotiate and connect, as a browser does."""
    url = (await app.call("POST", "realtime/negotiate", token=token)).json["url"]
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(url, protocols=["json.webpubsub.azure.v1"]) as socket,
    ):
        assert (await socket.receive_json(timeout=PATIENCE))["event"] == "connected"
        yield socket


async def heard(socket: aiohttp.ClientWebSocketResponse, last: int) -> list[dict[str, Any]]:
    """Return the events that come, those of batches too, until all up to number `last` have, in whatever order."""
    found: list[dict[str, Any]] = []
    while not {one["seq"] for one in found} >= set(range(1, last + 1)):
        message = await socket.receive_json(timeout=PATIENCE)
        assert message["type"] == "message", message
        data = message["data"]
        found += data["events"] if data["type"] == "batch" else [data]
    return found
