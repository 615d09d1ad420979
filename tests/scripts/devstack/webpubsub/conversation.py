"""A client at the level of messages, for what the official ones hide."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType

PATIENCE = 15  # seconds; a busy machine is slow


@dataclass(frozen=True, slots=True)
class Conversation:
    """An open WebSocket whose first message, `connected`, has been read."""

    websocket: ClientWebSocketResponse
    connected: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.connected["connectionId"])

    async def send(self, **message: object) -> None:
        await self.websocket.send_json(message)

    async def receive(self) -> dict[str, Any]:
        return await receive(self.websocket)

    async def receive_data(self) -> list[object]:
        """The data of all messages that are here once a ping has come back."""
        await self.send(type="ping")
        found: list[object] = []
        while (message := await self.receive())["type"] != "pong":
            found.append(message.get("data"))
        return found

    async def do(self, ack_id: int = 1, **operation: object) -> dict[str, Any]:
        """Sends an operation and returns its acknowledgement."""
        await self.send(ackId=ack_id, **operation)
        while (message := await self.receive())["type"] != "ack":
            pass
        return message

    async def closed(self) -> int | None:
        """The close code, once everything before it has been read."""
        return await closed(self.websocket)

    def cut(self) -> None:
        """Drops the TCP connection without a goodbye."""
        self.websocket._response.close()  # closing the websocket would say goodbye


async def receive(websocket: ClientWebSocketResponse) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await asyncio.wait_for(websocket.receive_str(), PATIENCE))
    return message


async def closed(websocket: ClientWebSocketResponse) -> int | None:
    async with asyncio.timeout(PATIENCE):
        while (await websocket.receive()).type is WSMsgType.TEXT:
            pass
    return websocket.close_code
