"""One WebSocket and the frames that wait for it, so that a slow reader delays nobody else."""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from typing import NamedTuple

from aiohttp import WSMsgType, web

from scripts.devstack.webpubsub.sessions import Frame
from scripts.devstack.webpubsub.settings import MESSAGE_BYTES, Limits

CLOSE_GRACE = 1.0  # seconds for queued frames and the closing handshake
CONTROL_FRAMES = 32  # headroom, so that acknowledgements fit beside a full replay


class Goodbye(NamedTuple):
    code: int
    reason: str


class Socket:
    """Queues frames up to its limits, and writes them while `run` runs."""

    def __init__(self, websocket: web.WebSocketResponse, transport: asyncio.Transport, limits: Limits) -> None:
        self._websocket = websocket
        self._transport = transport
        self._max_frames = limits.messages + CONTROL_FRAMES
        self._max_size = limits.size + MESSAGE_BYTES
        self._frames: deque[Frame] = deque()
        self._size = 0
        self._wake = asyncio.Event()
        self._goodbye: asyncio.Future[Goodbye] = asyncio.get_running_loop().create_future()
        self._ended = asyncio.Event()

    def send(self, frame: Frame) -> bool:
        """Queues a frame; False when the reader is too far behind."""
        if self._goodbye.done():
            return True
        if len(self._frames) >= self._max_frames or self._size + len(frame.data) > self._max_size:
            return False
        self._frames.append(frame)
        self._size += len(frame.data)
        self._wake.set()
        return True

    def close(self, code: int, reason: str) -> None:
        """Ends `run` after the queued frames; the connection is cut when they take too long."""
        if not self._goodbye.done():
            self._goodbye.set_result(Goodbye(code, reason))
            self._wake.set()

    def abort(self) -> None:
        """Cuts the connection."""
        self._transport.abort()

    async def run(self, read: Coroutine[None, None, None]) -> None:
        """Reads and writes until the client ends the conversation or `close` does."""
        reading = asyncio.create_task(read)
        writing = asyncio.create_task(self._write())
        try:
            await asyncio.wait((reading, self._goodbye), return_when=asyncio.FIRST_COMPLETED)
            if self._goodbye.done():
                await self._finish(reading, writing)
            else:
                await reading
        finally:
            writing.cancel()
            reading.cancel()
            await asyncio.wait((reading, writing))
            self._ended.set()

    async def wait_ended(self) -> None:
        """Returns once `run` has."""
        await self._ended.wait()

    async def _write(self) -> None:
        with suppress(ConnectionError):
            while self._frames or not self._goodbye.done():
                while self._frames:
                    frame = self._frames.popleft()
                    self._size -= len(frame.data)
                    if frame.is_live(time.time()):
                        await self._websocket.send_frame(frame.data, WSMsgType.TEXT)
                self._wake.clear()
                if not self._goodbye.done():
                    await self._wake.wait()

    async def _finish(self, reading: asyncio.Task[None], writing: asyncio.Task[None]) -> None:
        code, reason = self._goodbye.result()
        # Whoever waits for a message would take the answer to our closing frame.
        reading.cancel()
        try:
            async with asyncio.timeout(CLOSE_GRACE):
                await asyncio.wait((reading, writing))
                await self._websocket.close(code=code, message=reason.encode()[:123])
        except TimeoutError:
            # A closed transport would still wait for a reader that never reads.
            self._transport.abort()
