"""Processes of the stand-in, served inside the test's own, and clients that end with the test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientSession
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from scripts.devstack.webpubsub.protocol import RELIABLE
from scripts.devstack.webpubsub.server import serve
from scripts.devstack.webpubsub.settings import Settings
from tests.scripts.devstack.webpubsub.conversation import Conversation, receive

KEY = "an access key of more than thirty-two bytes"


@dataclass(frozen=True, slots=True)
class StandIn:
    """A process, the hub of the test, and the official service client for it."""

    url: str
    hub: str
    service: WebPubSubServiceClient
    session: ClientSession
    clients: AsyncExitStack
    end: Callable[[], Awaitable[None]]

    async def client_url(self, user: str | None = None, **claims: Any) -> str:
        """With `groups` and `roles` as the SDK takes them."""
        return str((await self.service.get_client_access_token(user_id=user, **claims))["url"])

    async def connect(self, user: str | None = None, *, subprotocol: str = RELIABLE, **claims: Any) -> Conversation:
        return await self.open(await self.client_url(user, **claims), subprotocol=subprotocol)

    async def open(self, url: str, *, subprotocol: str = RELIABLE) -> Conversation:
        websocket = await self.session.ws_connect(url, protocols=[subprotocol])
        self.clients.push_async_callback(websocket.close)
        return Conversation(websocket, await receive(websocket))

    def recovery_url(self, conversation: Conversation, *, token: str | None = None) -> str:
        """Where a client goes whose connection broke; `token` in place of the reconnection token it was given."""
        return (
            f"{self.url}/client/hubs/{self.hub}?awps_connection_id={conversation.id}"
            f"&awps_reconnection_token={token or conversation.connected['reconnectionToken']}"
        )


type Start = Callable[..., Awaitable[StandIn]]


@pytest.fixture
def settings(redis_url: str) -> Settings:
    return Settings(redis_url, KEY)


@pytest.fixture
async def start(settings: Settings) -> AsyncIterator[Start]:
    """Starts a process, with some settings changed; several of one test share a hub."""
    hub = f"h{uuid4().hex}"
    async with AsyncExitStack() as every:

        async def start_one(**changes: Any) -> StandIn:
            session = await every.enter_async_context(ClientSession())
            process = await every.enter_async_context(AsyncExitStack())
            url = await process.enter_async_context(serve(replace(settings, **changes)))
            service = WebPubSubServiceClient.from_connection_string(
                f"Endpoint={url};AccessKey={KEY};Version=1.0;", hub=hub, retry_total=0
            )
            await every.enter_async_context(service)
            return StandIn(url, hub, service, session, every, process.aclose)

        yield start_one


@pytest.fixture
async def stand_in(start: Start) -> StandIn:
    return await start()
