"""TCP ports in front of others, whose connections can be refused, cut, held and slowed."""

import asyncio
import re
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from scripts.devstack.ports import HOST

_NO_LINGER: Final = struct.pack("ii", 1, 0)
_PIECE: Final = 65_536  # bytes
_COMMIT: Final = b"COMMIT\x00"  # in what a client of PostgreSQL sends, and in what it is answered
_ID: Final = re.compile(rb'"id": ?"([0-9a-f-]{36})", ?"seq": ?\d')


class Snare(StrEnum):
    """Which half of a COMMIT is lost: its request never arrives, or its reply never comes back."""

    REQUEST = "request"
    REPLY = "reply"


@dataclass(slots=True, eq=False)
class _Connection:
    """One client's connection and its other half."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    awaits_commit: bool = False
    asked: bytes = b""

    def abort(self) -> None:
        for writer in (self.near, self.far):
            _abort(writer)


def _abort(writer: asyncio.StreamWriter) -> None:
    """Reset a connection, which its peer sees as an error and not as an end."""
    found = writer.get_extra_info("socket")
    if found is not None and not writer.transport.is_closing():
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    writer.transport.abort()


def _flowing() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass(slots=True, kw_only=True)
class Link:
    """A port of this machine before `target`, another one. It lets everything through until it is told otherwise."""

    target: int
    port: int = 0
    refuses: bool = False
    delay: float = 0.0
    """Seconds that each piece is late."""
    snare: Snare | None = None
    """Lose half of the next COMMIT. PostgreSQL's connections only."""
    on_commit: Callable[[], None] | None = None
    published: set[str] | None = None
    """Where to note the ids of events that a live service takes: those in requests that it answers with 2xx."""
    _flows: asyncio.Event = field(default_factory=_flowing)
    _connections: set[_Connection] = field(default_factory=set)

    def cut(self) -> None:
        """End every connection, as a network does that fails: without a word."""
        for connection in list(self._connections):
            connection.abort()

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Cut every connection and refuse others for a while."""
        self.refuses = True
        self.cut()
        try:
            yield
        finally:
            self.refuses = False

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Let nothing through for a while, and lose nothing either."""
        self._flows.clear()
        try:
            yield
        finally:
            self._flows.set()

    @asynccontextmanager
    async def slowed(self, delay: float) -> AsyncIterator[None]:
        """Delay each piece for a while, by `delay` seconds."""
        self.delay = delay
        try:
            yield
        finally:
            self.delay = 0.0

    async def serve(self, near_reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        """Carry one client's connection until either end closes it."""
        if self.refuses:
            _abort(near)
            return
        try:
            far_reader, far = await asyncio.open_connection(HOST, self.target)
        except OSError:
            _abort(near)
            return
        connection = _Connection(near, far)
        self._connections.add(connection)
        try:
            await asyncio.gather(
                self._carry(near_reader, far, lambda piece: self._asks(connection, piece)),
                self._carry(far_reader, near, lambda piece: self._answers(connection, piece)),
            )
        except OSError:
            connection.abort()
        finally:
            self._connections.discard(connection)
            connection.abort()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passes: Callable[[bytes], bool]
    ) -> None:
        while piece := await reader.read(_PIECE):
            await self._flows.wait()
            if self.delay:
                await asyncio.sleep(self.delay)
            if passes(piece):
                writer.write(piece)
                await writer.drain()
        with suppress(OSError):
            writer.write_eof()

    def _asks(self, connection: _Connection, piece: bytes) -> bool:
        """Look at what a client sends; says whether it goes on."""
        if self.published is not None:
            connection.asked += piece
        if _COMMIT not in piece:
            return True
        if self.on_commit is not None:
            self.on_commit()
        snare, self.snare = self.snare, None
        connection.awaits_commit = snare is Snare.REPLY
        if snare is Snare.REQUEST:
            connection.abort()
        return snare is not Snare.REQUEST

    def _answers(self, connection: _Connection, piece: bytes) -> bool:
        """Look at what a client is answered; says whether it gets that."""
        if self.published is not None:
            if piece.startswith(b"HTTP/1.1 2"):
                self.published.update(found.decode() for found in _ID.findall(connection.asked))
            connection.asked = b""
        if connection.awaits_commit and _COMMIT in piece:
            connection.abort()
        return not connection.awaits_commit


@asynccontextmanager
async def linked(target: int, *, publishes: bool = False) -> AsyncIterator[Link]:
    """Open a port before `target`; with `publishes` it notes which events a live service takes."""
    link = Link(target=target, published=set() if publishes else None)
    server = await asyncio.start_server(link.serve, HOST, 0)
    link.port = server.sockets[0].getsockname()[1]
    try:
        yield link
    finally:
        server.close()
        link.cut()
        server.abort_clients()
        await server.wait_closed()
