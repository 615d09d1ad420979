"""What links do to connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from scripts.devstack.ports import HOST
from scripts.proof.chaos.links import Link, Snare, linked

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
DONE = b"C\x00\x00\x00\x0bCOMMIT\x00"
EVENT = b'{"type": "x", "id": "01a20059-36a3-7000-8000-000000000001", "seq": 7}'


@asynccontextmanager
async def answering(heard: list[bytes], *answers: bytes) -> AsyncIterator[int]:
    """Open a server that answers each piece in turn, and the rest as they came; its port."""
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(1_000):
                heard.append(piece)
                writer.write(left.pop(0) if left else piece)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        server.abort_clients()
        await server.wait_closed()


async def ask(link: Link, text: bytes) -> bytes:
    """Send text on a connection of its own; what came back, empty where the connection broke."""
    reader, writer = await asyncio.open_connection(HOST, link.port)
    try:
        writer.write(text)
        async with asyncio.timeout(30):
            return await reader.read(1_000)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_a_link_carries_both_ways_and_refuses_while_it_is_away() -> None:
    async with answering([]) as port, linked(port) as link:
        assert await ask(link, b"one") == b"one"
        async with link.away():
            assert await ask(link, b"two") == b""
        assert await ask(link, b"three") == b"three"


async def test_a_cut_breaks_what_is_connected() -> None:
    async with answering([]) as port, linked(port) as link:
        reader, writer = await asyncio.open_connection(HOST, link.port)
        writer.write(b"one")
        assert await reader.read(1_000) == b"one"
        link.cut()
        with pytest.raises(ConnectionError):
            await reader.read(1_000)
        writer.close()


async def test_a_slow_link_loses_nothing() -> None:
    async with answering([]) as port, linked(port) as link, link.slowed(0.05):
        loop = asyncio.get_running_loop()
        began = loop.time()
        assert await ask(link, b"one") == b"one"
        assert loop.time() - began >= 0.1


@pytest.mark.parametrize(("snare", "arrived"), [(Snare.REQUEST, []), (Snare.REPLY, [COMMIT])])
async def test_half_of_one_commit_is_lost(snare: Snare, arrived: list[bytes]) -> None:
    heard: list[bytes] = []
    async with answering(heard, DONE) as port, linked(port) as link:
        link.snare = snare
        assert await ask(link, COMMIT) == b""
        assert heard == arrived
        assert await ask(link, b"another") != b""


@pytest.mark.parametrize(("status", "noted"), [(b"202 Accepted", 1), (b"503 Away", 0)])
async def test_only_what_a_service_took_was_published(status: bytes, noted: int) -> None:
    async with answering([], b"HTTP/1.1 " + status) as port, linked(port, publishes=True) as link:
        await ask(link, b"POST / HTTP/1.1\r\n\r\n" + EVENT)
        assert link.published is not None
        assert len(link.published) == noted
