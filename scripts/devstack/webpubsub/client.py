"""The WebSocket endpoint of the clients."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, assert_never

import jwt
from aiohttp import WSCloseCode, WSMsgType, web
from pydantic import TypeAdapter, ValidationError
from redis.exceptions import RedisError

from scripts.devstack.webpubsub import protocol, tokens
from scripts.devstack.webpubsub.broker import Broker
from scripts.devstack.webpubsub.commands import Deliver
from scripts.devstack.webpubsub.connections import Connection, Target, TargetKind
from scripts.devstack.webpubsub.protocol import Operation, Payload
from scripts.devstack.webpubsub.roles import Permission, allows
from scripts.devstack.webpubsub.settings import MESSAGE_BYTES
from scripts.devstack.webpubsub.sockets import Socket
from scripts.devstack.webpubsub.upstream import HandlerFailed

HEARTBEAT = 20.0  # seconds between pings that find dead peers

_group_names: TypeAdapter[frozenset[protocol.GroupName]] = TypeAdapter(frozenset[protocol.GroupName])


class Refused(Exception):
    """An operation fails; the client gets the name and the text."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def routes(broker: Broker) -> list[web.RouteDef]:
    async def by_path(request: web.Request) -> web.StreamResponse:
        return await _serve(broker, request, request.match_info["hub"])

    async def by_query(request: web.Request) -> web.StreamResponse:
        return await _serve(broker, request, request.query.get("hub", ""))

    return [
        web.get("/client/hubs/{hub}", by_path, allow_head=False),
        web.get("/client/", by_query, allow_head=False),
    ]


async def _serve(broker: Broker, request: web.Request, hub: str) -> web.StreamResponse:
    if not web.WebSocketResponse(protocols=protocol.SUBPROTOCOLS).can_prepare(request):
        raise web.HTTPBadRequest(text="A WebSocket upgrade is wanted here.")
    # First of all: a recovering client still sends the token it began with, which may have expired.
    if connection_id := request.query.get("awps_connection_id"):
        return await _recover(broker, request, hub.lower(), connection_id)
    try:
        return await _connect(broker, request, hub)
    except HandlerFailed as error:
        return web.Response(status=error.status, text=str(error))


async def _connect(broker: Broker, request: web.Request, hub: str) -> web.WebSocketResponse:
    offered = [name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
    subprotocol = next((name for name in offered if name in protocol.SUBPROTOCOLS), None)
    if subprotocol is None:
        raise web.HTTPBadRequest(text=f"Offer one of the subprotocols {', '.join(protocol.SUBPROTOCOLS)}.")
    connection = await _admit(broker, request, hub, subprotocol, offered)
    await broker.directory.save([connection])
    try:
        websocket, socket = await _open(broker, request, connection.subprotocol)
    except BaseException:
        await broker.directory.remove([connection])
        raise
    broker.open(connection, socket)
    await _converse(broker, connection, websocket, socket)
    return websocket


async def _admit(broker: Broker, request: web.Request, hub: str, subprotocol: str, offered: list[str]) -> Connection:
    """A connection as its token and the event handler would have it.

    Raises:
        HandlerFailed: the event handler would not.

    """
    try:
        claims = tokens.read_client_token(_access_token(request), broker.settings.access_key, hub)
        _group_names.validate_python(claims.groups)
    except jwt.InvalidTokenError as error:
        raise web.HTTPUnauthorized(text=str(error)) from error
    except ValidationError as error:
        raise web.HTTPBadRequest(text="The token names an invalid group.") from error
    connection = broker.new_connection(
        hub.lower(), claims, subprotocol=subprotocol, origin=request.url.host or "localhost"
    )
    question = {
        "claims": {name: _texts(value) for name, value in claims.raw.items()},
        "query": {name: request.query.getall(name) for name in request.query if name != "access_token"},
        "headers": {name: request.headers.getall(name) for name in request.headers},
        "subprotocols": offered,
        "clientCertificates": [],
    }
    reply = await broker.upstream.connect(connection, question)
    connection.user_id = reply.user_id or connection.user_id
    connection.groups |= reply.groups
    connection.roles |= reply.roles
    if reply.subprotocol in offered and reply.subprotocol in protocol.SUBPROTOCOLS:
        connection.subprotocol = reply.subprotocol
    return connection


async def _recover(broker: Broker, request: web.Request, hub: str, connection_id: str) -> web.WebSocketResponse:
    # Always upgraded: clients retry an HTTP error for half a minute before they start afresh.
    websocket, socket = await _open(broker, request, protocol.RELIABLE)
    connection = _recoverable(broker, hub, connection_id, request.query.get("awps_reconnection_token", ""))
    if connection is None:
        await websocket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"The connection cannot be recovered.")
        return websocket
    broker.resume(connection, socket)
    await _converse(broker, connection, websocket, socket)
    return websocket


def _recoverable(broker: Broker, hub: str, connection_id: str, token: str) -> Connection | None:
    try:
        tokens.check_reconnection_token(token, broker.settings.access_key, connection_id)
    except jwt.InvalidTokenError:
        return None
    connection = broker.find(hub, connection_id)
    return connection if connection is not None and connection.is_reliable else None


async def _open(broker: Broker, request: web.Request, subprotocol: str) -> tuple[web.WebSocketResponse, Socket]:
    # Compression costs more than the message: 9 against 21 microseconds a delivery, measured.
    websocket = web.WebSocketResponse(
        protocols=(subprotocol,), compress=False, heartbeat=HEARTBEAT, max_msg_size=MESSAGE_BYTES
    )
    await websocket.prepare(request)
    transport = request.transport
    if not isinstance(transport, asyncio.Transport):
        raise ConnectionResetError("The client has gone.")
    return websocket, Socket(websocket, transport, broker.settings.limits)


async def _converse(broker: Broker, connection: Connection, websocket: web.WebSocketResponse, socket: Socket) -> None:
    try:
        await socket.run(_read(broker, connection, websocket))
    finally:
        broker.detach(connection, socket, is_final=websocket.close_code == WSCloseCode.OK)


async def _read(broker: Broker, connection: Connection, websocket: web.WebSocketResponse) -> None:
    """Does what the client's messages ask, until it ends the conversation or says nonsense."""
    async for frame in websocket:
        try:
            if frame.type is not WSMsgType.TEXT:
                raise ValueError("Only text frames are understood.")  # noqa: TRY301 (one answer to both)
            message = protocol.parse_client_message(frame.data)
        except ValueError:
            broker.drop(connection, "The message is malformed.", code=WSCloseCode.POLICY_VIOLATION)
            return
        await _handle(broker, connection, message)


async def _handle(broker: Broker, connection: Connection, message: protocol.ClientMessage) -> None:
    match message:
        case protocol.Ping():
            connection.send_control(protocol.PONG)
        case protocol.SequenceAck(sequence_id=sequence_id):
            if connection.replay is not None:
                connection.replay.acknowledge(sequence_id)
        case _:
            await _acknowledge(connection, message.ack_id, lambda: _operate(broker, connection, message))


async def _acknowledge(connection: Connection, ack_id: int | None, operate: Callable[[], Awaitable[None]]) -> None:
    """Does an operation once for each ack id, and says how it went; failures may be tried again."""
    if ack_id is not None and ack_id in connection.done:
        connection.send_control(protocol.ack(ack_id, error=("Duplicate", f"{ack_id} has been done already.")))
        return
    error = None
    try:
        await operate()
    except Refused as refusal:
        error = (refusal.name, str(refusal))
    except (RedisError, HandlerFailed) as failure:
        error = ("InternalServerError", str(failure))
    if ack_id is not None:
        if error is None:
            connection.done.add(ack_id)
        connection.send_control(protocol.ack(ack_id, error=error))


async def _operate(broker: Broker, connection: Connection, operation: Operation) -> None:
    match operation:
        case protocol.JoinGroup(group=group):
            _require(connection, Permission.JOIN_LEAVE_GROUP, group)
            await broker.join(connection, group)
        case protocol.LeaveGroup(group=group):
            _require(connection, Permission.JOIN_LEAVE_GROUP, group)
            await broker.leave(connection, group)
        case protocol.SendToGroup():
            await _send_to_group(broker, connection, operation)
        case protocol.UserEvent(event=event):
            payload = Payload(data_type=operation.data_type, data=operation.data)
            reply = await broker.upstream.user_event(connection, event, payload)
            if reply is not None:
                broker.send(connection, protocol.server_message(reply).encode())
        case _:
            assert_never(operation)


async def _send_to_group(broker: Broker, connection: Connection, message: protocol.SendToGroup) -> None:
    _require(connection, Permission.SEND_TO_GROUP, message.group)
    await broker.bus.publish(
        Deliver(
            hub=connection.hub,
            target=Target(TargetKind.GROUP, message.group),
            message=protocol.group_message(message.group, message, connection.user_id),
            excluded=frozenset({connection.id} if message.no_echo else ()),
        )
    )


def _require(connection: Connection, permission: Permission, group: str) -> None:
    if not allows(connection.roles, permission, group):
        raise Refused("Forbidden", f"The client has no permission {permission} on {group}.")


def _access_token(request: web.Request) -> str:
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    return request.query.get("access_token") or (bearer.strip() if scheme.lower() == "bearer" else "")


def _texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]
