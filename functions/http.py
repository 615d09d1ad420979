"""HTTP as data: what a function file declares. `functions.gateway` makes Azure functions of it."""

import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any, get_type_hints

from pydantic import BaseModel, TypeAdapter

from shared.kernel.errors import DomainError, Unauthenticated
from shared.kernel.values import Actor, Permission, ProjectId
from shared.platform.idempotency import Request, claim
from shared.platform.runtime import Runtime, Tx


class Admission(Enum):
    """Who may call an endpoint that needs no permission of its own."""

    EVERYONE = "everyone"
    SIGNED_IN = "signed_in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A credential that an endpoint asks for by itself. `scheme` is its name in the OpenAPI document."""

    scheme: str
    holds: Callable[[Runtime, Mapping[str, str]], bool]


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is no JSON. With a `name`, it is for saving and not for showing: what users wrote must not run.

    With a `next_url`, it is a part of a file, and a `Link` header leads to the next.
    """

    content: bytes
    media_type: str
    cache_seconds: int = 0
    name: str = ""
    next_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer with what only the handler knows: a status, headers, or cookies (each a whole `Set-Cookie` value)."""

    body: BaseModel | None
    status: HTTPStatus
    cookies: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call[Body, Query]:
    """One admitted request. `if_match` is the version that the caller saw, or None; `trace` is a `traceparent`.

    `address` is where the call came from, empty where nobody can say; `idempotency` is set where the caller sent a key.
    """

    runtime: Runtime
    actor: Actor
    body: Body
    query: Query
    if_match: int | None
    trace: str
    headers: Mapping[str, str]
    address: str
    idempotency: Request | None = None

    @property
    def project_id(self) -> ProjectId:
        """The credential's project: a route without one in it means this."""
        if self.actor.project_id is None:
            raise Unauthenticated
        return self.actor.project_id

    @asynccontextmanager
    async def transaction(self, *, privileged: bool = False) -> AsyncIterator[Tx]:
        """Open a transaction as the caller, `privileged` where the application's own role may not write."""
        async with self.runtime.transaction(self.actor, trace=self.trace, privileged=privileged) as tx:
            if self.idempotency is not None:
                await claim(tx, self.idempotency)
            yield tx


type Handler = Callable[..., Awaitable[BaseModel | Answer | File | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A declared endpoint. `name` is the function's, the file's and the operation's name alike.

    `one_or_many` describes a body of bytes, which the handler reads itself: one such item, or a list of them. `cookie`
    tells that it asks for the refresh cookie by itself. With a `proof` whoever does not show it is 401, and
    whoever does may call as often as they like. `recognises` is for an endpoint of everyone that tells those more who
    show a credential that holds.
    """

    name: str
    method: str
    route: str
    needs: Permission | Admission
    body: type[BaseModel] | type[bytes] | None
    one_or_many: type[BaseModel] | None
    query: type[BaseModel] | None
    returns: type[BaseModel] | type[File] | None
    status: HTTPStatus
    or_status: HTTPStatus | None
    raises: tuple[type[DomainError], ...]
    cached: bool
    cookie: bool
    proof: Proof | None
    recognises: bool
    handler: Handler
    path_types: Mapping[str, TypeAdapter[Any]]
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTrigger:
    """What Azure has to know of an endpoint. `load` returns all that its file declares."""

    name: str
    load: Callable[[], Endpoint]
    method: str
    route: str


def endpoint(
    method: str,
    route: str,
    *,
    needs: Permission | Admission,
    body: type[BaseModel] | type[bytes] | None = None,
    one_or_many: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    returns: type[BaseModel] | type[File] | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    or_status: HTTPStatus | None = None,
    raises: tuple[type[DomainError], ...] = (),
    cached: bool = False,
    cookie: bool = False,
    proof: Proof | None = None,
    recognises: bool = False,
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
            one_or_many=one_or_many,
            query=query,
            returns=returns,
            status=status,
            or_status=or_status,
            raises=raises,
            cached=cached,
            cookie=cookie,
            proof=proof,
            recognises=recognises,
            handler=handler,
            path_types=path,
            summary=inspect.getdoc(handler) or "",
        )

    return declare
