"""One endpoint as an operation of the OpenAPI document: what it takes, and all that it may answer.

What the adapter itself may answer is here too, for callers meet it on every operation.
"""

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from functions.cookies import ACCESS, REFRESH
from functions.http import Admission, Endpoint, File
from functions.problems import MEDIA_TYPE, status_of, type_of
from shared.access.csrf import SAFE_METHODS
from shared.access.errors import CsrfTokenNeeded
from shared.kernel.errors import (
    DomainError,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Overloaded,
    StaleVersion,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
    WrongMediaType,
)
from shared.kernel.values import Permission
from shared.platform.idempotency import AlreadyRequested, KeyReused

SCHEMAS: Final = "#/components/schemas/"
_HEADERS: Final = "#/components/headers/"
_PARAMETERS: Final = "#/components/parameters/"

SECURITY_SCHEMES: Final[Mapping[str, Any]] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token (JWT, from signing in) or an API key (`sre_key_…`).",
    },
    "ingest": {
        "type": "http",
        "scheme": "bearer",
        "description": "An integration's token (`sre_ingest_…`): for senders of alerts, and for nothing else.",
    },
    "scraper": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of the setting `METRICS_TOKEN`.",
    },
    "webPubSub": {
        "type": "apiKey",
        "in": "header",
        "name": "ce-signature",
        "description": "Web PubSub's signature of `ce-connectionId`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": ACCESS,
        "description": "The access token as a browser keeps it. What changes something needs the CSRF token too.",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-Token",
        "description": "The `csrf_token` of signing in, of refreshing, or of `GET /auth/me`.",
    },
    "refresh": {
        "type": "apiKey",
        "in": "cookie",
        "name": REFRESH,
        "description": "The single-use refresh token, which browsers send to `/api/auth` alone.",
    },
}
# An empty header counts as none: hosts drop it.
PARAMETERS: Final[Mapping[str, Any]] = {
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "description": 'The version that the caller saw, such as `"3"`: the resource\'s `ETag`. Without it, any.',
        "schema": {"type": "string", "pattern": r'^((W/)?"[0-9]{1,9}"|\*)?$'},
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` of the answer that the caller has already: the same answer is not sent again.",
        "schema": {"type": "string"},
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A name of the caller's own for this request. Sent again within a day, it creates nothing more.",
        "schema": {"type": "string", "pattern": r"^([\x21-\x7e]{8,255})?$"},
    },
}
HEADERS: Final[Mapping[str, Any]] = {
    "X-Request-Id": {"required": True, "schema": {"type": "string"}, "description": "Names this call, also in logs."},
    "RateLimit-Policy": {"schema": {"type": "string"}, "description": "How many calls a minute the caller has."},
    "RateLimit": {"schema": {"type": "string"}, "description": "How many are left, and when there are all of them."},
    "Retry-After": {"required": True, "schema": {"type": "string", "pattern": "^[0-9]+$"}, "description": "Seconds."},
    "WWW-Authenticate": {"required": True, "schema": {"type": "string"}},
    "Resource-ETag": {
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9]+"$'},
        "description": "The resource's version, for `If-Match`.",
    },
    "Answer-ETag": {
        "required": True,
        "schema": {"type": "string", "pattern": '^W/"[0-9a-f]+"$'},
        "description": "The answer's content, for `If-None-Match`.",
    },
    "Cache-Status": {"schema": {"type": "string"}, "description": "Whether the answer was kept (RFC 9211)."},
    "Idempotency-Replayed": {"schema": {"const": "true"}, "description": "This is the first answer, once more."},
}


def operation(one: Endpoint, refs: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the operation. `refs` are the schemas by model and mode."""
    found: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary.partition("\n")[0],
        "description": one.summary,
        "tags": [one.route.partition("/")[0]],
        "parameters": [*_path_parameters(one), *_query_parameters(one), *_header_parameters(one)],
        "responses": _responses(one, refs),
        "x-permission": one.needs.value,
        "security": _security(one),
    }
    if one.body is not None:
        found["requestBody"] = {
            "required": _needs_body(one.body),
            "content": {"application/json": {"schema": _body_schema(one, refs)}},
        }
    return found


def takes_version(one: Endpoint) -> bool:
    """Whether `If-Match` has a meaning."""
    return any(issubclass(error, StaleVersion) for error in one.raises)


def creates_once(one: Endpoint) -> bool:
    """Whether `Idempotency-Key` has a meaning: something is created by somebody known."""
    return one.status is HTTPStatus.CREATED and one.needs is not Admission.EVERYONE


def _body_schema(one: Endpoint, refs: Mapping[Any, Any]) -> Any:
    if one.one_or_many is not None:
        item = refs[one.one_or_many, "validation"]
        return {"anyOf": [item, {"type": "array", "items": item}]}
    return {"type": ["array", "object"]} if one.body is bytes else refs[one.body, "validation"]


def _needs_body(body: type[BaseModel] | type[bytes]) -> bool:
    """Whether there is anything that a body has to say: an absent one counts as an empty object."""
    if issubclass(body, bytes):
        return True
    try:
        body.model_validate({})
    except ValidationError:
        return True
    return False


def _security(one: Endpoint) -> list[dict[str, list[str]]]:
    if one.needs is Admission.EVERYONE:
        own = one.proof.scheme if one.proof else "refresh" if one.cookie else ""
        return [{own: []}] if own else []
    if one.needs is Permission.ALERT_INGEST:
        return [{"ingest": []}]
    session: dict[str, list[str]] = {"session": []}
    return [{"bearer": []}, session if one.method in SAFE_METHODS else {**session, "csrf": []}]


def _path_parameters(one: Endpoint) -> Iterable[dict[str, Any]]:
    for name, kind in one.path_types.items():
        yield {"name": name, "in": "path", "required": True, "schema": kind.json_schema()}


def _query_parameters(one: Endpoint) -> Iterable[dict[str, Any]]:
    if one.query is None:
        return
    schema = one.query.model_json_schema()
    for name, kind in schema["properties"].items():
        yield {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": _inlined(kind, schema.get("$defs", {})),
        }


def _inlined(kind: Any, definitions: dict[str, Any]) -> Any:
    """Query parameters are small: their definitions are written where they are used."""
    if isinstance(kind, dict):
        if "$ref" in kind:
            return definitions[kind["$ref"].rpartition("/")[2]]
        return {name: _inlined(value, definitions) for name, value in kind.items()}
    return [_inlined(one, definitions) for one in kind] if isinstance(kind, list) else kind


def _header_parameters(one: Endpoint) -> Iterable[dict[str, Any]]:
    for name, applies in (
        ("If-Match", takes_version(one)),
        ("If-None-Match", one.cached),
        ("Idempotency-Key", creates_once(one)),
    ):
        if applies:
            yield {"$ref": f"{_PARAMETERS}{name}"}


def _responses(one: Endpoint, refs: Mapping[Any, Any]) -> dict[str, Any]:
    good = [status for status in (one.status, one.or_status) if status is not None]
    responses = {str(int(status)): _good(one, refs, status) for status in good}
    if one.cached:
        headers = _headers("X-Request-Id", ETag="Answer-ETag")
        responses["304"] = {"description": HTTPStatus.NOT_MODIFIED.phrase, "headers": headers}
    by_status: dict[HTTPStatus, list[type[DomainError]]] = {}
    for error in dict.fromkeys((*_always(one), *one.raises)):
        by_status.setdefault(status_of(error), []).append(error)
    for status, errors in sorted(by_status.items()):
        responses[str(int(status))] = {
            "description": " ".join(error.title for error in errors),
            "headers": _headers("X-Request-Id", *_PROBLEM_HEADERS.get(status, ())),
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"{SCHEMAS}Problem"}}},
            "x-problem-types": [type_of(error) for error in errors],
        }
    return responses


_PROBLEM_HEADERS: Final[Mapping[HTTPStatus, tuple[str, ...]]] = {
    HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate",),
    HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After", "RateLimit"),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Retry-After",),
}


def _good(one: Endpoint, refs: Mapping[Any, Any], status: HTTPStatus) -> dict[str, Any]:
    limits = () if one.needs is Permission.ALERT_INGEST else ("RateLimit-Policy", "RateLimit")
    found: dict[str, Any] = {"description": status.phrase, "headers": _headers("X-Request-Id", *limits)}
    if one.returns is None:
        return found
    if issubclass(one.returns, File):
        return found
    found["content"] = {"application/json": {"schema": refs[one.returns, "serialization"]}}
    if one.cached:
        found["headers"] |= _headers("Cache-Status", ETag="Answer-ETag")
    elif "version" in one.returns.model_fields:
        found["headers"] |= _headers(ETag="Resource-ETag")
    if creates_once(one):
        found["headers"] |= _headers("Idempotency-Replayed")
    return found


def _headers(*names: str, **others: str) -> dict[str, Any]:
    pairs = {**dict(zip(names, names, strict=True)), **others}
    return {name: {"$ref": f"{_HEADERS}{component}"} for name, component in pairs.items()}


def _always(one: Endpoint) -> Iterator[type[DomainError]]:
    """Yield what the adapter itself may answer."""
    if one.needs is not Admission.EVERYONE:
        yield from (Unauthenticated, Forbidden, Unavailable)
        if one.method not in SAFE_METHODS and one.needs is not Permission.ALERT_INGEST:
            yield CsrfTokenNeeded
    yield Overloaded if one.needs is Permission.ALERT_INGEST else TooMany
    if one.body is not None:
        yield from (Malformed, TooLarge, WrongMediaType)
    if one.query is not None or (one.body is not None and not issubclass(one.body, bytes)) or takes_version(one):
        yield Invalid
    if creates_once(one):
        yield from (Invalid, KeyReused, AlreadyRequested)
    if one.path_types:
        yield NotFound
