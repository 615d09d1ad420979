"""What becomes of a call, whatever the other side does."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from shared.platform.language_model import LanguageModel, Message, Reply, Result, Usage
from tests.model_server import ModelServer, Step, completion, failing, hanging, saying, serve_model
from tests.shared.platform.offline import offline

SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with serve_model() as found:
        yield found


@asynccontextmanager
async def model_at(server: ModelServer, **changes: str) -> AsyncIterator[LanguageModel]:
    given = {"MODEL_BASE_URL": server.url, "MODEL_DEPLOYMENT": "chat", "MODEL_API_KEY": "the-key"}
    model = LanguageModel(offline(**{**given, "MODEL_DEADLINE_SECONDS": "2", **changes}))
    yield model
    await model.close()


async def ask(model: LanguageModel) -> Reply:
    return await model.ask([Message(role="user", text="Why?")], form="answer", schema=SCHEMA)


async def test_it_asks_for_a_form_with_a_bound_and_no_tools_and_no_temperature(server: ModelServer) -> None:
    server.steps = [completion("{}")]
    async with model_at(server) as model:
        reply = await ask(model)
    assert (reply.result, reply.text, reply.model) == (Result.ANSWERED, "{}", "gpt-4o-mini-2024-07-18")
    assert reply.usage == Usage(input_tokens=1_000, cached_tokens=400, output_tokens=100)
    (asked,) = server.asked
    assert set(asked.body) == {"model", "messages", "max_completion_tokens", "response_format"}
    assert (asked.body["model"], asked.body["max_completion_tokens"]) == ("chat", 800)
    assert asked.body["response_format"]["json_schema"]["strict"] is True
    assert asked.headers["Authorization"] == "Bearer the-key"


async def test_temperature_and_length_are_settings(server: ModelServer) -> None:
    server.steps = [completion("{}")]
    async with model_at(server, MODEL_TEMPERATURE="0", MODEL_MAX_COMPLETION_TOKENS="1200") as model:
        await ask(model)
    assert (server.asked[0].body["temperature"], server.asked[0].body["max_completion_tokens"]) == (0, 1200)


@pytest.mark.parametrize(
    ("steps", "result", "calls"),
    [
        ([failing(429, headers={"Retry-After": "0.05"}), completion("{}")], Result.ANSWERED, 2),
        ([failing(429, headers={"Retry-After": "0.05"})], Result.RATE_LIMITED, 3),
        ([failing(429, headers={"Retry-After": "3600"})], Result.RATE_LIMITED, 1),
        ([failing(500, headers={"Retry-After": "0"}), completion("{}")], Result.ANSWERED, 2),
        ([failing(503, headers={"Retry-After": "0"})], Result.FAILED, 3),
        ([failing(401)], Result.FAILED, 1),
        ([failing(404)], Result.FAILED, 1),
        ([failing(400, code="content_filter")], Result.REFUSED, 1),
        ([completion(None, refusal="I will not.")], Result.REFUSED, 1),
        ([completion("", finish="content_filter")], Result.REFUSED, 1),
        ([completion('{"a": ', finish="length")], Result.TRUNCATED, 1),
        ([completion("")], Result.FAILED, 1),
        ([saying('{"choices": []}')], Result.FAILED, 1),
        ([saying("[]")], Result.FAILED, 1),
        ([saying("<html>", "text/html")], Result.FAILED, 1),
        ([saying("{")], Result.FAILED, 1),
    ],
    ids=[
        "limited, then good",
        "limited",
        "limited for an hour",
        "500, then good",
        "503",
        "401",
        "404",
        "filtered before",
        "refused",
        "filtered after",
        "truncated",
        "empty",
        "no choices",
        "a list",
        "a page",
        "half an answer",
    ],
)
async def test_every_answer_has_its_result(server: ModelServer, steps: list[Step], result: Result, calls: int) -> None:
    server.steps = steps
    async with model_at(server) as model:
        reply = await ask(model)
    assert (reply.result, len(server.asked)) == (result, calls)


async def test_who_hangs_is_given_up_by_the_deadline_and_left_alone_for_a_while(server: ModelServer) -> None:
    server.steps = [hanging]
    async with model_at(server, MODEL_DEADLINE_SECONDS="0.2") as model:
        began = time.monotonic()
        assert (await ask(model)).result is Result.TIMED_OUT
        assert time.monotonic() - began < 2
        assert model.is_resting
        assert (await ask(model)).result is Result.BREAKER_OPEN
    assert len(server.asked) == 1


async def test_who_is_not_there_has_failed() -> None:
    nowhere = {"MODEL_BASE_URL": "http://127.0.0.1:1/v1", "MODEL_DEPLOYMENT": "chat", "MODEL_API_KEY": "k"}
    model = LanguageModel(offline(**nowhere, MODEL_DEADLINE_SECONDS="2"))
    assert (await ask(model)).result is Result.FAILED
    await model.close()


@pytest.mark.parametrize(
    "given",
    [
        {"MODEL_BASE_URL": "http://127.0.0.1:1/v1"},
        {"MODEL_DEPLOYMENT": "chat"},
        {"MODEL_BASE_URL": "http://127.0.0.1:1/v1", "MODEL_DEPLOYMENT": "chat"},
        {"MODEL_BASE_URL": "http://a", "AZURE_OPENAI_ENDPOINT": "http://b", "MODEL_DEPLOYMENT": "c"},
        {"MODEL_BASE_URL": "ftp://a", "MODEL_DEPLOYMENT": "c", "MODEL_API_KEY": "k"},
    ],
)
def test_half_a_configuration_is_refused_at_the_start(given: Mapping[str, Any]) -> None:
    from shared.platform.settings import MissingSettings

    with pytest.raises(MissingSettings):
        offline(**given)
