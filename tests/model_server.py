"""A scripted server that speaks OpenAI's chat completions over HTTP, and remembers what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from functions.subscriptions import ROUTES
from scripts.proof.functions import QuietRelay
from shared.kernel.values import Clock
from shared.platform.runtime import Runtime
from shared.platform.settings import Settings

type Step = Callable[["Asked"], "web.Response | None"]


@dataclass(frozen=True)
class Asked:
    """One request: its body, and its headers."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def question(self) -> str:
        found: str = self.body["messages"][1]["content"]
        return found


@dataclass
class ModelServer:
    """Answers by `steps` in turn, the last one for ever; a step that returns None hangs. `asked` is what came in."""

    url: str = ""
    steps: list[Step] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    pause: float = 0.0

    async def answer(self, request: web.Request) -> web.Response:
        one = Asked(await request.json(), dict(request.headers))
        self.asked.append(one)
        await asyncio.sleep(self.pause)
        step = self.steps[min(len(self.asked), len(self.steps)) - 1]
        found = step(one)
        if found is None:
            await asyncio.sleep(60)
            raise web.HTTPGatewayTimeout
        return found


@asynccontextmanager
async def serve_model() -> AsyncIterator[ModelServer]:
    """Serve on a free port of this machine."""
    server = ModelServer()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield server
    await runner.cleanup()


@asynccontextmanager
async def asking_runtime(settings: Settings, clock: Clock, server: ModelServer) -> AsyncIterator[Runtime]:
    """Start a runtime whose model is the scripted server, and whose relay waits to be told."""
    given = settings.model_copy(
        update={
            "model_base_url": server.url,
            "model_deployment": "gpt-4o-mini",
            "model_api_key": SecretStr("the-key"),
            "model_deadline": 5.0,
        }
    )
    built = Runtime.start(given, ROUTES, clock=clock)
    quiet = QuietRelay(built.database, built.queues, built.realtime, built.responses, ROUTES)
    yield replace(built, relay=quiet)
    await built.close()


def completion(text: str | None, *, finish: str = "stop", refusal: str | None = None, usage: bool = True) -> Step:
    """Return a step that answers with a text."""
    body: dict[str, Any] = {
        "id": "c1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": text, "refusal": refusal},
            }
        ],
    }
    if usage:
        body["usage"] = {
            "prompt_tokens": 1_000,
            "completion_tokens": 100,
            "total_tokens": 1_100,
            "prompt_tokens_details": {"cached_tokens": 400},
        }
    return lambda _: web.json_response(body)


def failing(status: int, *, headers: Mapping[str, str] | None = None, code: str = "") -> Step:
    """Return a step that answers with an error."""
    return lambda _: web.json_response(
        {"error": {"message": "no", "type": "error", "code": code or None}}, status=status, headers=headers
    )


def saying(text: str, media_type: str = "application/json") -> Step:
    """Return a step that answers with anything at all."""
    return lambda _: web.Response(text=text, content_type=media_type)


def hanging(_: Asked) -> None:
    """Never answer."""


def proposing(*candidates: Mapping[str, Any]) -> Step:
    """Return a step that proposes candidates; what one does not say is filled in."""
    blank: dict[str, Any] = {"claim": "It broke.", "evidence_for": [], "evidence_against": [], "change": None}
    return completion(json.dumps({"candidates": [{**blank, **one} for one in candidates]}))
