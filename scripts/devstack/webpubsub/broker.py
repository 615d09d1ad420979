"""One process of the stand-in: its connections, and the commands of every process applied to them."""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from typing import assert_never

from aiohttp import ClientSession, WSCloseCode
from redis.asyncio import Redis
from redis.exceptions import RedisError

from scripts.devstack.webpubsub import protocol
from scripts.devstack.webpubsub.bus import Bus
from scripts.devstack.webpubsub.commands import Close, Command, Deliver, JoinGroups, LeaveGroups, SetRoles
from scripts.devstack.webpubsub.connections import Connection, Hub
from scripts.devstack.webpubsub.directory import Directory
from scripts.devstack.webpubsub.odata import Subject, compile_filter
from scripts.devstack.webpubsub.settings import Settings
from scripts.devstack.webpubsub.sockets import Socket
from scripts.devstack.webpubsub.tokens import ClientClaims, issue_reconnection_token
from scripts.devstack.webpubsub.upstream import Upstream

LAST_EVENTS = 2.0  # seconds for `disconnected` events when the process ends


class Broker:
    """Connects clients with the bus, the directory and the event handler."""

    def __init__(self, settings: Settings, redis: Redis, session: ClientSession) -> None:
        self.settings = settings
        self.bus = Bus(redis)
        self.directory = Directory(redis, settings.directory_ttl)
        self.upstream = Upstream(session, settings.event_handler, settings.access_key)
        self._hubs: defaultdict[str, Hub] = defaultdict(Hub)
        self._changed: set[Connection] = set()
        self._gone: set[Connection] = set()
        self._directory_is_stale = asyncio.Event()

    async def run(self) -> None:
        """Serves until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.bus.run(self._renew_directory, self.apply))
            tasks.create_task(self._keep_directory())

    async def close(self) -> None:
        """Ends every connection, as a service that goes away."""
        connections = self._connections()
        sockets = [connection.socket for connection in connections if connection.socket is not None]
        for connection in connections:
            self.drop(connection, "The service is shutting down.", code=WSCloseCode.GOING_AWAY)
        await asyncio.gather(*(socket.wait_ended() for socket in sockets))
        await self.upstream.drain(LAST_EVENTS)
        with suppress(RedisError):
            await self._write_directory()

    def new_connection(self, hub: str, claims: ClientClaims, *, subprotocol: str, origin: str) -> Connection:
        return Connection(
            id=uuid.uuid4().hex,
            hub=hub,
            user_id=claims.user_id,
            subprotocol=subprotocol,
            origin=origin,
            groups=set(claims.groups),
            roles=claims.roles,
            limits=self.settings.limits,
        )

    def open(self, connection: Connection, socket: Socket) -> None:
        """Lets a new connection receive, after its `connected` message."""
        connection.attach(socket, self._greeting(connection))
        self._hubs[connection.hub].add(connection)
        self.upstream.notify(connection, "connected", {})

    def find(self, hub: str, connection_id: str) -> Connection | None:
        """A connection of this process, also one that waits for its client to come back."""
        return self._hubs[hub].find(connection_id)

    def resume(self, connection: Connection, socket: Socket) -> None:
        """Goes on with a connection over a new socket; a new token, or the next recovery would be impossible."""
        connection.attach(socket, self._greeting(connection))

    def detach(self, connection: Connection, socket: Socket, *, is_final: bool) -> None:
        """The socket has ended; a reliable connection is kept for a while unless the client said goodbye."""
        if connection.socket is not socket:
            return  # recovered over another one already
        connection.socket = None
        if is_final or not connection.is_reliable:
            self.drop(connection, "")
        else:
            connection.expiry = asyncio.get_running_loop().call_later(
                self.settings.session_keep, self.drop, connection, "The client did not come back."
            )

    def drop(self, connection: Connection, reason: str, *, code: int = WSCloseCode.OK) -> None:
        """Ends a connection for good."""
        if not self._hubs[connection.hub].remove(connection):
            return
        if connection.expiry is not None:
            connection.expiry.cancel()
        if connection.socket is not None:
            connection.send_control(protocol.disconnected(reason))
            connection.socket.close(code, reason)
        self.upstream.notify(connection, "disconnected", {"reason": reason})
        self._changed.discard(connection)
        self._gone.add(connection)
        self._directory_is_stale.set()

    def send(self, connection: Connection, message: bytes, deadline: float | None = None) -> None:
        """Sends a data message, unless the client is too far behind, which ends the connection."""
        if not connection.send(message, deadline):
            self.drop(connection, "The client is too far behind.", code=WSCloseCode.POLICY_VIOLATION)

    async def join(self, connection: Connection, group: str) -> None:
        """Raises RedisError when the others cannot be told."""
        self._hubs[connection.hub].join(connection, [group])
        await self.directory.save([connection])

    async def leave(self, connection: Connection, group: str) -> None:
        """Raises RedisError when the others cannot be told."""
        self._hubs[connection.hub].leave(connection, [group])
        await self.directory.save([connection])

    def apply(self, command: Command) -> None:
        """Applies a command to the connections of this process."""
        hub = self._hubs[command.hub]
        match command:
            case Deliver():
                self._deliver(hub, command)
            case Close():
                self._close(hub, command)
            case JoinGroups():
                for connection in self._changing(hub, command.connections):
                    hub.join(connection, command.groups)
                    connection.indexed |= command.groups  # by the publisher
            case LeaveGroups():
                for connection in self._changing(hub, command.connections):
                    hub.leave(connection, set(connection.groups) if command.groups is None else command.groups)
            case SetRoles():
                for connection in self._changing(hub, [command.connection]):
                    connection.roles = command.roles
            case _:
                assert_never(command)

    def _deliver(self, hub: Hub, command: Deliver) -> None:
        message = command.message.encode()
        matches = compile_filter(command.filter) if command.filter else _everybody
        for connection in hub.select(command.target):
            if connection.id not in command.excluded and matches(connection):
                self.send(connection, message, command.deadline)

    def _close(self, hub: Hub, command: Close) -> None:
        for connection in hub.select(command.target):
            if connection.id not in command.excluded:
                self.drop(connection, command.reason)

    def _changing(self, hub: Hub, ids: Iterable[str]) -> list[Connection]:
        """Those of `ids` that are here, marked for the directory."""
        connections = [connection for each in ids if (connection := hub.find(each)) is not None]
        self._changed.update(connections)
        self._directory_is_stale.set()
        return connections

    def _greeting(self, connection: Connection) -> bytes:
        token = issue_reconnection_token(self.settings.access_key, connection.id) if connection.is_reliable else None
        return protocol.connected(connection.id, connection.user_id, token)

    def _connections(self) -> list[Connection]:
        return [connection for hub in self._hubs.values() for connection in hub]

    def _renew_directory(self) -> None:
        self._changed.update(self._connections())
        self._directory_is_stale.set()

    async def _keep_directory(self) -> None:
        """Writes changes as they come, and renews everything well before it expires."""
        loop = asyncio.get_running_loop()
        renewal = self.settings.directory_ttl / 3
        due = loop.time() + renewal
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._directory_is_stale.wait()
            self._directory_is_stale.clear()
            if loop.time() >= due:
                self._changed.update(self._connections())
                due = loop.time() + renewal
            try:
                await self._write_directory()
            except RedisError:
                continue  # the bus tells of the outage, and has everything written when it is over

    async def _write_directory(self) -> None:
        """What fails is not repeated: the next renewal writes it, and what is gone expires."""
        changed, self._changed = self._changed, set()
        gone, self._gone = self._gone, set()
        if gone:
            await self.directory.remove(gone)
        if changed:
            await self.directory.save(changed - gone)


def _everybody(_: Subject) -> bool:
    return True
