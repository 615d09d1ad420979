"""HTTP as data: an endpoint is declared, and one adapter makes Azure functions of the declarations."""

import hashlib
import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any, Final, get_type_hints

import azure.functions as func
from pydantic import BaseModel, TypeAdapter, ValidationError

from functions.cookies import cookie_credential
from functions.limits import admit, client_address
from functions.problems import problem
from shared.access.credentials import authenticate
from shared.alerts.payloads import fields
from shared.kernel.errors import DomainError, Forbidden, Invalid, Malformed, NotFound, TooLarge, Unauthenticated
from shared.kernel.values import Actor, ActorKind, Permission, ProjectId
from shared.platform.runtime import Runtime, Tx
from shared.platform.telemetry import continue_trace, request_id_of

MAX_BODY: Final = 1_024 * 1_024
_ETAG: Final = re.compile(r'(?:W/)?"(\d{1,9})"')


class Admission(Enum):
    """Who may call an endpoint that needs no permission of its own."""

    EVERYONE = "everyone"
    SIGNED_IN = "signed_in"


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is no JSON."""

    content: bytes
    media_type: str
    cache_seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer with what only the handler knows: a status, or cookies (each a whole `Set-Cookie` value)."""

    body: BaseModel | None
    status: HTTPStatus
    cookies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call[Body, Query]:
    """One admitted request. `if_match` is the version that the caller saw, or None; `trace` is a `traceparent`.

    `address` is where the call came from, empty where nobody can say.
    """

    runtime: Runtime
    actor: Actor
    body: Body
    query: Query
    if_match: int | None
    trace: str
    headers: Mapping[str, str]
    address: str

    @property
    def project_id(self) -> ProjectId:
        """The credential's project: a route without one in it means this."""
        if self.actor.project_id is None:
            raise Unauthenticated
        return self.actor.project_id

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """Open a transaction as the caller."""
        async with self.runtime.transaction(self.actor, trace=self.trace) as tx:
            yield tx


type Handler = Callable[..., Awaitable[BaseModel | Answer | File | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A declared endpoint. `name` is the function's, the file's and the operation's name alike."""

    name: str
    method: str
    route: str
    needs: Permission | Admission
    body: type[BaseModel] | type[bytes] | None
    query: type[BaseModel] | None
    returns: type[BaseModel] | type[File] | None
    status: HTTPStatus
    raises: tuple[type[DomainError], ...]
    cached: bool
    handler: Handler
    path_types: Mapping[str, TypeAdapter[Any]]
    summary: str


def endpoint(
    method: str,
    route: str,
    *,
    needs: Permission | Admission,
    body: type[BaseModel] | type[bytes] | None = None,
    query: type[BaseModel] | None = None,
    returns: type[BaseModel] | type[File] | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    raises: tuple[type[DomainError], ...] = (),
    cached: bool = False,
) -> Callable[[Handler], Endpoint]:
    """Declare a handler as an endpoint. Nothing is wrapped; `needs` has no default, so nobody forgets it."""

    def declare(handler: Handler) -> Endpoint:
        hints = get_type_hints(handler)
        path = {name: TypeAdapter(hints[name]) for name in re.findall(r"{(\w+)", route)}
        return Endpoint(
            name=handler.__name__,
            method=method,
            route=route,
            needs=needs,
            body=body,
            query=query,
            returns=returns,
            status=status,
            raises=raises,
            cached=cached,
            handler=handler,
            path_types=path,
            summary=inspect.getdoc(handler) or "",
        )

    return declare


def mount(blueprint: func.Blueprint, spec: Endpoint, runtime: Runtime) -> None:
    """Give Azure a plain `run(req)`: the worker compares its parameters with the bindings."""

    async def run(req: func.HttpRequest) -> func.HttpResponse:
        trace = continue_trace(req.headers.get("traceparent"))
        limits: Mapping[str, str] = {}
        try:
            _check_size(req)
            shown = None if spec.needs is Admission.EVERYONE else cookie_credential(req.method, req.headers)
            actor = await authenticate(runtime, req.headers.get("authorization"), shown)
            limits = await admit(runtime, actor, client_address(req.headers))
            call, path = _call(spec, runtime, req, actor, trace)
            response = await _answer(spec, call, path, req)
        except Exception as error:  # noqa: BLE001 - the last line before the caller
            response = problem(error, instance=f"/api/{spec.route}", trace=trace)
        response.headers.update(limits)
        response.headers["X-Request-Id"] = request_id_of(req.headers.get("x-request-id"), trace)
        return response

    run.__name__ = spec.name
    route = blueprint.route(spec.route, methods=[spec.method], auth_level=func.AuthLevel.ANONYMOUS)
    blueprint.function_name(spec.name)(route(run))


def _call(
    spec: Endpoint, runtime: Runtime, req: func.HttpRequest, actor: Actor, trace: str
) -> tuple[Call[Any, Any], dict[str, Any]]:
    """Permission first, then validation: who may not call learns nothing about what is valid."""
    if spec.needs is not Admission.EVERYONE and actor.kind is ActorKind.ANONYMOUS:
        raise Unauthenticated
    if isinstance(spec.needs, Permission) and spec.needs not in actor.permissions:
        raise Forbidden(needs=spec.needs.value)
    if spec.needs is Admission.SIGNED_IN and actor.role is None:
        raise Forbidden
    call: Call[Any, Any] = Call(
        runtime=runtime,
        actor=actor,
        body=_body(spec, req),
        query=_query(spec, req),
        if_match=_if_match(req.headers.get("if-match")),
        trace=trace,
        headers=req.headers,
        address=client_address(req.headers),
    )
    return call, _path(spec, req)


def _check_size(req: func.HttpRequest) -> None:
    if len(req.get_body()) > MAX_BODY:
        raise TooLarge(limit_bytes=MAX_BODY)


def _body(spec: Endpoint, req: func.HttpRequest) -> Any:
    if spec.body is None:
        return None
    raw = req.get_body() or b"{}"  # an absent body is an empty one
    if issubclass(spec.body, bytes):
        return raw
    try:
        return spec.body.model_validate_json(raw)
    except ValidationError as error:
        found = fields(error)
        if any(e["type"] == "json_invalid" for e in error.errors(include_url=False, include_input=False)):
            raise Malformed("The body is not JSON.", errors=found) from None
        raise Invalid(errors=found) from None


def _query(spec: Endpoint, req: func.HttpRequest) -> Any:
    if spec.query is None:
        return None
    try:
        return spec.query.model_validate(dict(req.params))
    except ValidationError as error:
        raise Invalid(errors=fields(error)) from None


def _path(spec: Endpoint, req: func.HttpRequest) -> dict[str, Any]:
    try:
        return {name: kind.validate_python(req.route_params[name]) for name, kind in spec.path_types.items()}
    except ValidationError:
        raise NotFound from None  # an id that is none is the id of nothing


def _if_match(given: str | None) -> int | None:
    if given is None or given.strip() == "*":
        return None
    found = _ETAG.fullmatch(given.strip())
    if found is None:
        raise Invalid(errors=[{"field": "If-Match", "message": 'must be one ETag, such as "3"'}])
    return int(found.group(1))


async def _answer(
    spec: Endpoint, call: Call[Any, Any], path: Mapping[str, Any], req: func.HttpRequest
) -> func.HttpResponse:
    """Answer by the handler; a cached endpoint from what was kept, or by nothing but the ETag that the caller has."""
    if not spec.cached:
        return _reply(await spec.handler(call, **path), spec.status)
    asked = (spec.name, str(call.actor.role), *map(str, path.values()), *map("=".join, sorted(req.params.items())))
    slot = await call.runtime.responses.slot(call.project_id, *asked)
    kept = await call.runtime.responses.find(slot) if slot else None
    response = _reply(await spec.handler(call, **path), spec.status) if kept is None else _json_text(kept, spec.status)
    if slot:
        response.headers["Cache-Status"] = "sre-copilot; " + ("fwd=miss" if kept is None else "hit")
        if kept is None:
            await call.runtime.responses.keep(slot, response.get_body().decode())
    etag = f'W/"{hashlib.blake2b(response.get_body(), digest_size=12).hexdigest()}"'
    response.headers.update({"ETag": etag, "Cache-Control": "private, no-cache"})
    if req.headers.get("if-none-match") == etag:
        return func.HttpResponse(status_code=int(HTTPStatus.NOT_MODIFIED), headers=dict(response.headers))
    return response


def _reply(answer: BaseModel | Answer | File | None, status: HTTPStatus) -> func.HttpResponse:
    match answer:
        case None:
            return func.HttpResponse(status_code=int(status))
        case File():
            caching = f"public, max-age={answer.cache_seconds}" if answer.cache_seconds else "no-cache"
            return func.HttpResponse(
                answer.content, status_code=int(status), mimetype=answer.media_type, headers={"Cache-Control": caching}
            )
        case Answer():
            response = _reply(answer.body, answer.status)
            for cookie in answer.cookies:
                response.headers.add("Set-Cookie", cookie)
            return response
        case BaseModel():
            return _json(answer, status)


def _json(body: BaseModel, status: HTTPStatus) -> func.HttpResponse:
    response = _json_text(body.model_dump_json(), status)
    if isinstance(version := getattr(body, "version", None), int):
        response.headers["ETag"] = f'"{version}"'
    return response


def _json_text(text: str, status: HTTPStatus) -> func.HttpResponse:
    headers = {"Cache-Control": "no-store"}
    return func.HttpResponse(text, status_code=int(status), mimetype="application/json", headers=headers)
