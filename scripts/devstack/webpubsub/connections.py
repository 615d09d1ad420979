"""The clients of a hub, and which of them a message is for."""

import asyncio
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from scripts.devstack.webpubsub.protocol import RELIABLE
from scripts.devstack.webpubsub.sessions import AckIds, Frame, ReplayBuffer
from scripts.devstack.webpubsub.settings import Limits
from scripts.devstack.webpubsub.sockets import Socket


class TargetKind(StrEnum):
    ALL = "all"
    GROUP = "group"
    USER = "user"
    CONNECTION = "connection"


class Target(NamedTuple):
    kind: TargetKind
    name: str = ""


@dataclass(eq=False, slots=True)
class Connection:
    """A client, which outlives its sockets when its subprotocol is the reliable one."""

    id: str
    hub: str
    user_id: str | None
    subprotocol: str
    origin: str
    """The host by whose name the client came."""
    groups: set[str]
    roles: frozenset[str]
    limits: Limits
    state: str | None = None
    """What event handlers keep with the connection; opaque."""
    indexed: frozenset[str] = frozenset()
    """The groups under which the directory may have it."""
    done: AckIds = field(default_factory=AckIds)
    replay: ReplayBuffer | None = field(init=False, default=None)
    socket: Socket | None = field(init=False, default=None)
    expiry: asyncio.TimerHandle | None = field(init=False, default=None)

    @property
    def is_reliable(self) -> bool:
        return self.subprotocol == RELIABLE

    def attach(self, socket: Socket, greeting: bytes) -> None:
        """Goes on over a new socket: the greeting first, then what the client has not acknowledged."""
        if self.socket is not None:
            self.socket.abort()
        if self.expiry is not None:
            self.expiry.cancel()
            self.expiry = None
        if self.is_reliable and self.replay is None:
            self.replay = ReplayBuffer(self.limits)
        self.socket = socket
        for frame in [Frame(greeting), *(self.replay.unacknowledged() if self.replay else ())]:
            socket.send(frame)

    def send(self, message: bytes, deadline: float | None) -> bool:
        """Sends a data message; False when the client is too far behind to get it."""
        frame = self.replay.append(message, deadline) if self.replay else Frame(message, deadline)
        return frame is not None and (self.socket is None or self.socket.send(frame))

    def send_control(self, message: bytes) -> None:
        if self.socket is not None:
            self.socket.send(Frame(message))


class Hub:
    """The connections of one hub in this process, by id, user and group."""

    def __init__(self) -> None:
        self._connections: dict[str, Connection] = {}
        self._users: dict[str, set[Connection]] = {}
        self._groups: dict[str, set[Connection]] = {}

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._connections.values())

    def find(self, connection_id: str) -> Connection | None:
        return self._connections.get(connection_id)

    def add(self, connection: Connection) -> None:
        self._connections[connection.id] = connection
        if connection.user_id is not None:
            self._users.setdefault(connection.user_id, set()).add(connection)
        for group in connection.groups:
            self._groups.setdefault(group, set()).add(connection)

    def remove(self, connection: Connection) -> bool:
        """Whether it was there."""
        if self._connections.pop(connection.id, None) is None:
            return False
        if connection.user_id is not None:
            _discard(self._users, connection.user_id, connection)
        for group in connection.groups:
            _discard(self._groups, group, connection)
        return True

    def join(self, connection: Connection, groups: Iterable[str]) -> None:
        if connection.id not in self._connections:
            return  # dropped while its last messages were being read
        for group in groups:
            connection.groups.add(group)
            self._groups.setdefault(group, set()).add(connection)

    def leave(self, connection: Connection, groups: Iterable[str]) -> None:
        for group in groups:
            connection.groups.discard(group)
            _discard(self._groups, group, connection)

    def select(self, target: Target) -> Collection[Connection]:
        """Those addressed, as a snapshot: sending may remove some."""
        match target.kind:
            case TargetKind.ALL:
                return list(self._connections.values())
            case TargetKind.GROUP:
                return list(self._groups.get(target.name, ()))
            case TargetKind.USER:
                return list(self._users.get(target.name, ()))
            case TargetKind.CONNECTION:
                connection = self._connections.get(target.name)
                return [connection] if connection else []


def _discard(index: dict[str, set[Connection]], name: str, connection: Connection) -> None:
    members = index.get(name)
    if members is not None:
        members.discard(connection)
        if not members:
            del index[name]
