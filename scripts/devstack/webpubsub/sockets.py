"""One WebSocket and the frames that wait for it, so that a slow reader delays nobody else."""

import asyncio
import time
from collections import deque
from contextlib import suppress
from typing import NamedTuple

from aiohttp import WSCloseCode, WSMsgType, web

from scripts.devstack.webpubsub.sessions import Frame
from scripts.devstack.webpubsub.settings import MESSAGE_BYTES, Limits

CLOSE_GRACE = 1.0  # seconds for queued frames and the closing handshake
CONTROL_FRAMES = 32  # headroom, so that acknowledgements fit beside a full replay


class Goodbye(NamedTuple):
    code: int
    reason: str


class Socket:
    """Queues frames up to its limits; one task writes them."""

    def __init__(self, websocket: web.WebSocketResponse, transport: asyncio.Transport, limits: Limits) -> None:
        self._websocket = websocket
        self._transport = transport
        self._max_frames = limits.messages + CONTROL_FRAMES
        self._max_size = limits.size + MESSAGE_BYTES
        self._frames: deque[Frame] = deque()
        self._size = 0
        self._wake = asyncio.Event()
        self._goodbye: Goodbye | None = None
        self._writer = asyncio.create_task(self._write())
        self._closer: asyncio.Task[None] | None = None

    def send(self, frame: Frame) -> bool:
        """Queues a frame; False when the reader is too far behind."""
        if self._goodbye is not None:
            return True
        if len(self._frames) >= self._max_frames or self._size + len(frame.data) > self._max_size:
            return False
        self._frames.append(frame)
        self._size += len(frame.data)
        self._wake.set()
        return True

    def close(self, code: int, reason: str) -> None:
        """Closes after the queued frames; the connection is cut when that takes too long."""
        if self._goodbye is None:
            self._goodbye = Goodbye(code, reason)
            self._wake.set()
            self._closer = asyncio.create_task(self._close())

    def abort(self) -> None:
        """Cuts the connection now."""
        self._goodbye = self._goodbye or Goodbye(WSCloseCode.ABNORMAL_CLOSURE, "")
        self._writer.cancel()
        self._transport.abort()

    async def wait_closed(self) -> None:
        """Ends the writer once the reader has ended."""
        if self._closer is not None:
            await self._closer
        self._writer.cancel()
        with suppress(asyncio.CancelledError):
            await self._writer

    async def _write(self) -> None:
        with suppress(ConnectionError):
            while self._frames or self._goodbye is None:
                while self._frames:
                    frame = self._frames.popleft()
                    self._size -= len(frame.data)
                    if frame.is_live(time.time()):
                        await self._websocket.send_frame(frame.data, WSMsgType.TEXT)
                self._wake.clear()
                if self._goodbye is None:
                    await self._wake.wait()

    async def _close(self) -> None:
        assert self._goodbye is not None  # noqa: S101 (close() has set it)
        code, reason = self._goodbye
        try:
            async with asyncio.timeout(CLOSE_GRACE):
                await self._writer
                await self._websocket.close(code=code, message=reason.encode()[:123])
        except TimeoutError:
            # A closed transport would still wait for a reader that never reads.
            self._transport.abort()
