"""A real HTTP server on loopback that notifications are sent to."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import web


@dataclass(frozen=True)
class Received:
    """One request, whatever was answered."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Answers each request as `answers` says, in turn, and then with 204.

    Where an answer is None it hangs until `released`, and answers `at_last`. What is sent to its port but not to its
    own `url` is for an earlier one, which another test has left messages for, and nothing here.
    """

    url: str = ""
    name: str = field(default_factory=lambda: uuid4().hex)
    answers: list[tuple[int, dict[str, str]] | None] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    at_last: int = 500
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.Response:
        path = request.path.removeprefix(f"/{self.name}")
        if path == request.path:
            return web.Response(status=410)
        self.received.append(Received(path, request.headers.copy(), await request.read()))
        self.asked.set()
        answer = self.answers.pop(0) if self.answers else (204, {})
        if answer is None:
            await self.released.wait()
            return web.Response(status=self.at_last)
        status, headers = answer
        return web.Response(status=status, headers=headers)


@asynccontextmanager
async def listening() -> AsyncIterator[Receiver]:
    """Open a receiver, and close it."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/{receiver.name}/hook"
    yield receiver
    receiver.released.set()
    await runner.cleanup()
