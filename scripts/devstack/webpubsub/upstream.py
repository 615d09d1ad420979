"""Client events to an HTTP handler, as CloudEvents 1.0 in binary mode."""

import asyncio
import hashlib
import hmac
import logging
import secrets
import string
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import quote

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scripts.devstack.webpubsub.connections import Connection
from scripts.devstack.webpubsub.protocol import CONTENT_TYPE_HEADERS, DataType, GroupName, Payload, body_of, payload_of
from scripts.devstack.webpubsub.settings import EventHandler

TIMEOUT = ClientTimeout(total=10)
# CloudEvents percent-encodes in headers what is not printable ASCII, and space, double quote and percent.
HEADER_SAFE = string.punctuation.replace('"', "").replace("%", "")

_log = logging.getLogger(__name__)


class HandlerFailed(Exception):
    """The handler refused an event, or was not to be reached; `status` is what the client may be told."""

    def __init__(self, message: str, status: int = 500) -> None:
        super().__init__(message)
        self.status = status


class ConnectReply(BaseModel):
    """What a handler may change of a connection before it opens."""

    model_config = ConfigDict(frozen=True)

    user_id: str | None = Field(None, alias="userId")
    groups: frozenset[GroupName] = frozenset()
    roles: frozenset[str] = frozenset()
    subprotocol: str | None = None


class Upstream:
    """Posts events; without a handler system events go nowhere and user events fail."""

    def __init__(self, session: ClientSession, handler: EventHandler | None, access_key: str) -> None:
        self._session = session
        self._handler = handler
        # The service signs with both keys of a resource; a check that reads only the first value must not pass by luck.
        self._keys = (access_key.encode(), secrets.token_bytes(32))
        self._validated: set[str] = set()
        self._event_ids = count(1)
        self._notifications: dict[str, asyncio.Task[None]] = {}

    async def connect(self, connection: Connection, request: Mapping[str, Any]) -> ConnectReply:
        """Asks whether a client may connect; `request` has its claims, query, headers and subprotocols.

        Raises:
            HandlerFailed: it may not, or the handler failed.

        """
        if self._handler is None or "connect" not in self._handler.system_events:
            return ConnectReply()
        response, body = await self._post(connection, "sys.connect", _json_payload(request))
        _keep_state(connection, response)
        try:
            return ConnectReply.model_validate_json(body or b"{}")
        except ValidationError as error:
            raise HandlerFailed(f"The connect handler's answer is malformed: {error}") from None

    async def user_event(self, connection: Connection, name: str, payload: Payload) -> Payload | None:
        """Posts an event of the client and returns what the handler answers it.

        Raises:
            HandlerFailed: nobody handles it, or the handler failed.

        """
        if self._handler is None or not self._handler.handles_user_event(name):
            raise HandlerFailed(f"No event handler takes {name}.")
        response, body = await self._post(connection, f"user.{name}", payload)
        _keep_state(connection, response)
        try:
            return payload_of(response.content_type, body) if body else None
        except ValueError as error:
            raise HandlerFailed(f"The handler's answer to {name} is malformed: {error}") from None

    def notify(self, connection: Connection, name: str, body: Mapping[str, str]) -> None:
        """Posts `connected` or `disconnected` without waiting, in order for each connection."""
        if self._handler is None or name not in self._handler.system_events:
            return
        previous = self._notifications.get(connection.id)
        task = asyncio.create_task(self._notify(connection, name, body, previous))
        self._notifications[connection.id] = task
        task.add_done_callback(lambda done: self._forget(connection.id, done))

    async def drain(self, timeout: float) -> None:  # noqa: ASYNC109 (giving up is not an error here)
        """Waits for pending notifications, at most `timeout` seconds."""
        if self._notifications:
            await asyncio.wait(self._notifications.values(), timeout=timeout)

    async def _notify(
        self, connection: Connection, name: str, body: Mapping[str, str], previous: asyncio.Task[None] | None
    ) -> None:
        if previous is not None:
            await previous
        try:
            await self._post(connection, f"sys.{name}", _json_payload(body))
        except HandlerFailed as error:
            _log.warning("The %s event of %s is lost: %s", name, connection.id, error)

    def _forget(self, connection_id: str, done: asyncio.Task[None]) -> None:
        if self._notifications.get(connection_id) is done:
            del self._notifications[connection_id]

    async def _post(self, connection: Connection, event: str, payload: Payload) -> tuple[ClientResponse, bytes]:
        name = event.partition(".")[2]
        try:
            await self._validate(connection)
            async with self._session.post(
                self._url(connection.hub, name),
                data=body_of(payload),
                headers=self._headers(connection, event, payload.data_type),
                timeout=TIMEOUT,
            ) as response:
                body = await response.read()
        except (ClientError, TimeoutError) as error:
            raise HandlerFailed(f"The handler of {name} cannot be reached: {error!r}") from None
        if not response.ok:
            status = min(500, response.status)
            raise HandlerFailed(f"The handler of {name} answered {response.status}.", status)
        return response, body

    async def _validate(self, connection: Connection) -> None:
        """Asks a URL once whether it wants events from us (CloudEvents abuse protection)."""
        url = self._url(connection.hub, "validate")
        if url in self._validated:
            return
        headers = {"WebHook-Request-Origin": connection.origin, "ce-awpsversion": "1.0"}
        async with self._session.options(url, headers=headers, timeout=TIMEOUT) as response:
            allowed = response.headers.getall("WebHook-Allowed-Origin", [])
        origins = {origin.strip().lower() for value in allowed for origin in value.split(",")}
        if not response.ok or origins.isdisjoint({"*", connection.origin.lower()}):
            raise HandlerFailed(f"The handler does not accept events from {connection.origin}.")
        self._validated.add(url)

    def _url(self, hub: str, event: str) -> str:
        assert self._handler is not None  # noqa: S101 (callers have looked)
        template = self._handler.url_template
        return template.replace("{hub}", quote(hub, safe="")).replace("{event}", quote(event, safe=""))

    def _headers(self, connection: Connection, event: str, data_type: DataType) -> dict[str, str]:
        signatures = (hmac.new(key, connection.id.encode(), hashlib.sha256).hexdigest() for key in self._keys)
        optional = {
            "ce-userId": connection.user_id and quote(connection.user_id, safe=HEADER_SAFE),
            "ce-connectionState": connection.state,
            "ce-subprotocol": connection.subprotocol,
        }
        return {
            "Content-Type": CONTENT_TYPE_HEADERS[data_type],
            "WebHook-Request-Origin": connection.origin,
            "ce-awpsversion": "1.0",
            "ce-specversion": "1.0",
            "ce-type": f"azure.webpubsub.{event}",
            "ce-source": f"/hubs/{connection.hub}/client/{connection.id}",
            "ce-id": str(next(self._event_ids)),
            "ce-time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "ce-hub": connection.hub,
            "ce-connectionId": connection.id,
            "ce-eventName": event.partition(".")[2],
            "ce-signature": ",".join(f"sha256={signature}" for signature in signatures),
            **{name: value for name, value in optional.items() if value},
        }


def _json_payload(value: Mapping[str, Any]) -> Payload:
    return Payload(data_type="json", data=dict(value))


def _keep_state(connection: Connection, response: ClientResponse) -> None:
    if (state := response.headers.get("ce-connectionState")) is not None:
        connection.state = state
