"""`python -m scripts.proof.chaos.model`: a language model's server that proposes the same to everybody.

Each call is a line of a journal, `began` when it came and `ended` when it was answered, so that being killed forgets
none.
"""

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any

from aiohttp import web

from scripts.devstack.ports import HOST

_THINKS = 0.3  # seconds
_PROPOSED = {
    "component": "checkout",
    "cause_code": "bad_release",
    "claim": "The newest release is at fault.",
    "evidence_for": ["E1"],
    "evidence_against": [],
    "change": None,
}


def application(journal: Path) -> web.Application:
    """Return what answers as OpenAI's API does."""

    async def answer(_: web.Request) -> web.Response:
        _note(journal, "began")
        await asyncio.sleep(_THINKS)
        _note(journal, "ended")
        return web.json_response(_completion(json.dumps({"candidates": [_PROPOSED]})))

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    return app


def _note(journal: Path, what: str) -> None:
    with journal.open("a") as file:
        file.write(json.dumps({what: time.time()}) + "\n")


def _completion(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, "refusal": None}
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100},
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="model", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--journal", type=Path, required=True)
    given = parser.parse_args()
    web.run_app(
        application(given.journal),
        host=HOST,
        port=given.port,
        print=lambda _: print("ready", flush=True),
        access_log=None,
    )
