"""The official Python client, unchanged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from azure.messaging.webpubsubclient.aio import WebPubSubClient, WebPubSubClientCredential
from azure.messaging.webpubsubclient.models import (
    CallbackType,
    OnGroupDataMessageArgs,
    SendMessageError,
    WebPubSubDataType,
    WebPubSubProtocolType,
)

from tests.scripts.devstack.webpubsub.conftest import StandIn
from tests.scripts.devstack.webpubsub.conversation import PATIENCE


@asynccontextmanager
async def connected(
    stand_in: StandIn, protocol: WebPubSubProtocolType = WebPubSubProtocolType.JSON_RELIABLE, **claims: Any
) -> AsyncIterator[tuple[WebPubSubClient, asyncio.Queue[object]]]:
    """A client and the data of the group messages it gets."""
    credential = WebPubSubClientCredential(lambda: stand_in.client_url(**claims))
    client = WebPubSubClient(credential, protocol_type=protocol, message_retry_total=0)
    data = asyncio.Queue[object]()

    async def note(message: OnGroupDataMessageArgs) -> None:
        data.put_nowait(message.data)

    async with client:
        await client.subscribe(CallbackType.GROUP_MESSAGE, note)
        yield client, data


@pytest.mark.parametrize("protocol", list(WebPubSubProtocolType))
async def test_a_client_joins_and_sends(stand_in: StandIn, protocol: WebPubSubProtocolType) -> None:
    roles = ["webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"]
    async with connected(stand_in, protocol, roles=roles) as (client, data):
        await client.join_group("g")
        await client.send_to_group("g", {"x": 1}, data_type=WebPubSubDataType.JSON)

        assert await asyncio.wait_for(data.get(), PATIENCE) == {"x": 1}


async def test_a_join_without_a_role_is_forbidden(stand_in: StandIn) -> None:
    async with connected(stand_in) as (client, _):
        with pytest.raises(SendMessageError) as refusal:
            await client.join_group("g")

    assert refusal.value.error_detail is not None
    assert refusal.value.error_detail.name == "Forbidden"


async def test_a_cut_is_mended_in_order(stand_in: StandIn) -> None:
    async with connected(stand_in, groups=["g"]) as (client, data):
        for number in range(40):
            if number == 20:
                cut(client)
            await stand_in.service.send_to_group("g", str(number))

        received = [await asyncio.wait_for(data.get(), PATIENCE) for _ in range(40)]

    assert received == [str(number) for number in range(40)]


def cut(client: WebPubSubClient) -> None:
    """Loses the TCP connection without a goodbye, for which there is no public way."""
    assert client._ws is not None
    assert client._ws.sock is not None
    client._ws.sock._response.close()
