"""Hostile input: every value of a corpus, in every place that an endpoint reads, and what is wrong with the answers."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from functions.http import Endpoint
from scripts.proof.cast import Caller
from scripts.proof.examples import JSON_BODY, PASSWORD, example, path_of, query_fields, secret_fields
from scripts.proof.functions import Response
from scripts.proof.world import World
from shared.kernel.values import Permission

_CORPUS: Final = Path(__file__).parents[2] / "tests" / "data" / "hostile" / "values.json"
_MARK: Final = "@@hostile@@"
# Read by the adapter alone, so one endpoint that reads and one that writes stand for all.
_WITH_HEADERS: Final = {"get_incident", "create_project"}
_HEADERS: Final = (
    "if-match",
    "if-none-match",
    "idempotency-key",
    "content-type",
    "traceparent",
    "x-request-id",
    "x-forwarded-for",
    "cookie",
)
_MAX_TEXT: Final = 10_000  # what a host lets through in a path, a query or a header
_TELLING: Final = 8  # characters; shorter secrets occur in any answer by chance
_REFUSED: Final = 400
_INVALID: Final = 422
_BROKEN: Final = 500
_WORN_OUT: Final = {401, 404, 409, 412, 429}  # what earlier cases, which were accepted, may have led to

type Pointer = tuple[str | int, ...]
type Request = Callable[["Hostile"], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Hostile:
    """A value: as JSON, which need not be valid, and as plain text."""

    name: str
    json: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One value in one place of a request. `field` is what a refusal should name; empty when that is not known."""

    endpoint: Endpoint
    place: str
    field: str
    value: Hostile
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def name(self) -> str:
        return f"{self.endpoint.name} {self.place}: {self.value.name}"


@cache
def corpus() -> Sequence[Hostile]:
    """Return the values, in the order of the file."""
    found = json.loads(_CORPUS.read_text())
    texts = [
        Hostile(f"{kind} {number}", json.dumps(text), text)
        for kind, group in found["text"].items()
        for number, text in enumerate(group)
    ]
    raws = [Hostile(name, raw, raw) for name, raw in found["raw"].items()]
    long = [
        Hostile(name, f"{before}{unit * times}{after}", unit * times)
        for name, (before, unit, times, after) in found["repeated"].items()
    ]
    return [*texts, *raws, *long]


def cases(endpoint: Endpoint, things: Mapping[str, str], *, every: int = 1) -> Iterator[Case]:
    """Yield an endpoint's cases: every value in every place.

    With `every` over 1 only that share of them, evenly, another one for each place.
    """
    number = sum(map(ord, endpoint.name))
    for place, field, request in _places(endpoint, things):
        number += 1
        for index, value in enumerate(corpus()):
            if (index + number) % every == 0 and (parts := request(value)) is not None:
                yield Case(endpoint=endpoint, place=place, field=field, value=value, **parts)


async def complaints(world: World, endpoint: Endpoint, *, every: int = 1) -> list[str]:
    """Send an endpoint's cases, put the world back, and return what is wrong with the answers."""
    found = [await _complaint(world, case) for case in cases(endpoint, world.objects, every=every)]
    await world.restore()
    return [each for each in found if each]


async def _complaint(world: World, case: Case) -> str:
    answer = await _sent(world, case)
    if answer.status in _WORN_OUT and not case.place.startswith("path"):
        await world.restore()
        answer = await _sent(world, case)
    wrong = _wrong(case, answer, _caller(world, case.endpoint).credential)
    return f"{case.name}: {answer.status} {wrong}" if wrong else ""


async def _sent(world: World, case: Case) -> Response:
    token = _caller(world, case.endpoint).credential
    return await world.functions.invoke(
        case.endpoint.name,
        case.endpoint.method,
        url=case.endpoint.route,
        path=case.path,
        query=case.query,
        body=case.body,
        headers={**JSON_BODY, "authorization": f"Bearer {token}", **case.headers},
    )


def _caller(world: World, endpoint: Endpoint) -> Caller:
    name = "ingest token" if endpoint.needs is Permission.ALERT_INGEST else "owner session"
    return next(caller for caller in world.callers if caller.name == name)


def _wrong(case: Case, answer: Response, token: str) -> str:
    if answer.status >= _BROKEN:
        return "is our own fault"
    if answer.status < _REFUSED:
        return ""
    if answer.media_type != "application/problem+json":
        return f"is {answer.media_type}"
    shown = json.dumps(answer.json, ensure_ascii=False)
    secrets = [PASSWORD, token]
    if case.field in secret_fields(case.endpoint) and len(case.value.text) >= _TELLING:
        secrets.append(case.value.text)
    if any(secret in shown for secret in secrets):
        return "shows a secret"
    named = [error["field"] for error in answer.json.get("errors", [])]
    if answer.status == _INVALID and case.field and not any(_is_in(case.field, name) for name in named):
        return f"names {named} and not {case.field}"
    return ""


def _is_in(field: str, name: str) -> bool:
    return name.lower() == field.lower() or name.startswith(f"{field}.")


def _places(endpoint: Endpoint, things: Mapping[str, str]) -> Iterator[tuple[str, str, Request]]:
    """Yield each place by name, the field that a refusal should name, and what makes a request of a value there."""
    path, document = path_of(endpoint, things), example(endpoint, things)
    body = b"" if document is None else json.dumps(document).encode()
    usual = {"path": path, "query": {}, "headers": {}, "body": body}
    for name in path:
        yield f"path {name}", "", _text_in(usual, "path", name)
    for name in query_fields(endpoint):
        yield f"query {name}", name, _text_in(usual, "query", name)
    for name in _HEADERS if endpoint.name in _WITH_HEADERS else ():
        yield f"header {name}", "if-match" if name == "if-match" else "", _text_in(usual, "headers", name)
    if isinstance(document, dict):
        yield "an unknown member", "", _written(usual, json.dumps({_MARK: 1, **document}), only_texts=True)
    for pointer in pointers(document) if document is not None else ():
        shown = ".".join(map(str, pointer)) or "the whole"
        field = str(pointer[0]) if pointer else ""
        yield f"body {shown}", field, _written(usual, json.dumps(_put(document, pointer)))


def _text_in(usual: Mapping[str, Any], part: str, name: str) -> Request:
    def request(value: Hostile) -> Mapping[str, Any] | None:
        if len(value.text) > _MAX_TEXT:
            return None
        return {**usual, part: {**usual[part], name: value.text}}

    return request


def _written(usual: Mapping[str, Any], template: str, *, only_texts: bool = False) -> Request:
    def request(value: Hostile) -> Mapping[str, Any] | None:
        if only_texts and not value.json.startswith('"'):
            return None
        return {**usual, "body": template.replace(f'"{_MARK}"', value.json).encode()}

    return request


def pointers(node: Any, at: Pointer = ()) -> Iterator[Pointer]:
    """Yield the places of a document, the whole first."""
    yield at
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in inner:
        yield from pointers(child, (*at, key))


def written(document: Any, pointer: Pointer, raw: str) -> str:
    """Return a document as JSON, with a text that need not be JSON in one place."""
    return json.dumps(_put(document, pointer)).replace(f'"{_MARK}"', raw)


def _put(node: Any, pointer: Pointer) -> Any:
    if not pointer:
        return _MARK
    first, *rest = pointer
    if isinstance(node, dict):
        return {key: _put(child, tuple(rest)) if key == first else child for key, child in node.items()}
    return [_put(child, tuple(rest)) if index == first else child for index, child in enumerate(node)]
