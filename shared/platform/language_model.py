"""A language model behind OpenAI's API: one question, one answer in a given form, and what that used. It has no tools.

Nothing that goes wrong there is raised: rules go on without a model, and every call is accounted for.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from shared.platform.breaker import Breaker
from shared.platform.entra import MODEL_SCOPE, Identity
from shared.platform.settings import Settings
from shared.platform.telemetry import Kind, span

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

_TRIES: Final = 3
_PAUSE: Final = 0.5  # seconds before another try, where nobody says how long
_BREAKER_SECONDS: Final = 30.0
_AZURE_PATH: Final = "/openai/v1/"
_FILTERED: Final = "content_filter"


class Result(StrEnum):
    """What became of a call."""

    ANSWERED = "answered"
    REFUSED = "refused"
    TRUNCATED = "truncated"
    RATE_LIMITED = "rate_limited"
    TIMED_OUT = "timed_out"
    FAILED = "failed"
    BREAKER_OPEN = "breaker_open"


OUTAGES: Final = frozenset({Result.RATE_LIMITED, Result.TIMED_OUT, Result.FAILED})
"""Of these the model is to blame, and not what it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`role` is system, user or assistant."""

    role: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens: those read, of which some were cached by the provider, and those written."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back. `text` is empty unless answered or truncated; `usage` is None where nobody told.

    `model` is what the provider says it was, empty where it said nothing.
    """

    result: Result
    text: str = ""
    model: str = ""
    usage: Usage | None = None
    latency_ms: int = 0


@dataclass(frozen=True, slots=True)
class _Call:
    messages: Sequence[Message]
    form: str
    schema: Mapping[str, Any]


class LanguageModel:
    """One deployment. `name` is what it is called by, empty where none is configured."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._identity = Identity(settings.azure_client_id)
        self._breaker = Breaker(_BREAKER_SECONDS)
        self._client: AsyncOpenAI | None = None
        self.name = settings.model_deployment
        self.max_completion_tokens = settings.model_max_completion_tokens

    @property
    def is_resting(self) -> bool:
        """Whether nobody asks it for a while, because it has just failed."""
        return self._breaker.is_open

    async def ask(self, messages: Sequence[Message], *, form: str, schema: Mapping[str, Any]) -> Reply:
        """Ask for an answer of a JSON schema, which `form` names. Returns within the deadline, whatever happens."""
        if self._breaker.is_open:
            return Reply(result=Result.BREAKER_OPEN)
        with span(f"chat {self.name}", Kind.CLIENT, attributes={"gen_ai.operation.name": "chat"}) as asked:
            reply = await self._asked(messages, form, schema)
            asked.tell({"gen_ai.request.model": self.name, "srecopilot.result": reply.result.value})
            if reply.usage is not None:
                asked.tell(
                    {
                        "gen_ai.usage.input_tokens": reply.usage.input_tokens,
                        "gen_ai.usage.output_tokens": reply.usage.output_tokens,
                    }
                )
            if reply.result in OUTAGES:
                asked.fail(reply.result.value)
        return reply

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
        await self._identity.close()

    async def _asked(self, messages: Sequence[Message], form: str, schema: Mapping[str, Any]) -> Reply:
        client = self._connected()  # its first time costs a second of imports, for which no model is to blame
        loop = asyncio.get_running_loop()
        began = loop.time()
        ends = began + self._settings.model_deadline
        try:
            async with asyncio.timeout_at(ends):
                reply = await self._retried(client, _Call(messages, form, schema), ends)
        except TimeoutError:
            reply = Reply(result=Result.TIMED_OUT)
        if reply.result in OUTAGES:
            self._breaker.failed()
        return replace(reply, latency_ms=round((loop.time() - began) * 1_000))

    async def _retried(self, client: "AsyncOpenAI", call: _Call, ends: float) -> Reply:
        for _ in range(_TRIES - 1):
            reply, pause = await self._once(client, call)
            if pause is None or asyncio.get_running_loop().time() + pause >= ends:
                return reply
            await asyncio.sleep(pause)
        return (await self._once(client, call))[0]

    async def _once(self, client: "AsyncOpenAI", call: _Call) -> tuple[Reply, float | None]:
        """Call once; with what was answered goes after how many seconds to try again, None for not at all."""
        from openai import APIConnectionError, APIStatusError, OpenAIError  # noqa: PLC0415 - 1 s of imports

        temperature = self._settings.model_temperature
        optional: dict[str, Any] = {} if temperature is None else {"temperature": temperature}
        answer: Any = {"type": "json_schema", "json_schema": {"strict": True, "name": call.form, "schema": call.schema}}
        given: Any = [{"role": message.role, "content": message.text} for message in call.messages]
        try:
            completion: Any = await client.chat.completions.create(
                model=self.name,
                messages=given,
                max_completion_tokens=self.max_completion_tokens,
                response_format=answer,
                **optional,
            )
        except APIStatusError as error:
            return _refused(error)
        except (APIConnectionError, OSError):
            return Reply(result=Result.FAILED), _PAUSE
        except (OpenAIError, ValueError):
            return Reply(result=Result.FAILED), None
        return _read(completion), None

    def _connected(self) -> "AsyncOpenAI":
        if self._client is None:
            from openai import AsyncOpenAI  # noqa: PLC0415 - as above

            endpoint = self._settings.model_azure_endpoint.rstrip("/")
            key = self._settings.model_api_key.get_secret_value()
            self._client = AsyncOpenAI(
                base_url=endpoint + _AZURE_PATH if endpoint else self._settings.model_base_url,
                api_key=key or self._token,
                timeout=self._settings.model_deadline,
                max_retries=0,  # retries are ours: the SDK would sleep through the deadline when told to wait long
            )
            _ = self._client.chat.completions  # loads what answers are made of
        return self._client

    async def _token(self) -> str:
        return await self._identity.token(MODEL_SCOPE)


def _refused(error: "APIStatusError") -> tuple[Reply, float | None]:
    if error.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return Reply(result=Result.RATE_LIMITED), _pause(error.response.headers)
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Reply(result=Result.FAILED), _pause(error.response.headers)
    return Reply(result=Result.REFUSED if error.code == _FILTERED else Result.FAILED), None


def _pause(headers: Mapping[str, str]) -> float:
    """How long to wait, in seconds, by `Retry-After`."""
    try:
        return max(0.0, float(headers.get("retry-after", _PAUSE)))
    except ValueError:
        return _PAUSE


def _read(completion: Any) -> Reply:
    """Compatible servers are not always: whatever is missing is no answer."""
    try:
        choice = completion.choices[0]
        found = Reply(
            result=Result.ANSWERED,
            text=choice.message.content or "",
            model=completion.model or "",
            usage=_usage(completion.usage),
        )
    except (AttributeError, IndexError, TypeError):
        return Reply(result=Result.FAILED)
    if choice.finish_reason == "length":
        return replace(found, result=Result.TRUNCATED)
    if choice.message.refusal or choice.finish_reason == _FILTERED:
        return replace(found, result=Result.REFUSED, text="")
    return found if found.text else replace(found, result=Result.FAILED)


def _usage(found: Any) -> Usage | None:
    if found is None:
        return None
    details = found.prompt_tokens_details
    return Usage(
        input_tokens=found.prompt_tokens,
        cached_tokens=(details.cached_tokens if details else 0) or 0,
        output_tokens=found.completion_tokens,
    )
