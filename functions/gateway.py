"""The one adapter of HTTP: every step around a handler, in order."""

import hashlib
import json
import logging
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import azure.functions as func

from functions.alarms import heed
from functions.cookies import cookie_credential
from functions.http import Admission, Answer, Call, Endpoint, HttpTrigger
from functions.limits import admit, client_address
from functions.problems import problem
from functions.requests import MAX_BODY, check_size, read_body, read_if_match, read_path, read_project, read_query
from functions.responses import json_text, replayed, reply
from shared.access.credentials import authenticate, within
from shared.access.errors import WrongCredentials
from shared.access.schemas import SignedInOut, TenantRules
from shared.access.tenant_rules import check_sealed, rules_of
from shared.kernel.errors import (
    DomainError,
    Forbidden,
    Invalid,
    Overloaded,
    TooMany,
    Unauthenticated,
    Unavailable,
    WrongMediaType,
)
from shared.kernel.values import ANONYMOUS, Actor, ActorKind, Permission, ProjectId, TenantId
from shared.platform.call_audit import CallRecord
from shared.platform.counting import count_call
from shared.platform.idempotency import Request, keep, recall
from shared.platform.metrics import CACHE_REQUESTS
from shared.platform.runtime import Runtime
from shared.platform.sealing import MEDIA_TYPE, Opened, seal_reply
from shared.platform.telemetry import Kind, Work, request_id_of, trace_id_of, working
from shared.platform.wire import PersonalQuery

log = logging.getLogger(__name__)

_IDEMPOTENCY_KEY: Final = re.compile(r"[\x21-\x7e]{8,255}")
_SEALED_HEADER: Final = "sealed-request"  # where browsers can put what is sealed of a GET, which has no body
# Whoever is nobody yet has no tenant that could require anything, and senders of alerts cannot seal.
_ALWAYS_PLAIN: Final = frozenset({Admission.EVERYONE, Permission.ALERT_INGEST})
_SEALED_LIMIT: Final = 2 * MAX_BODY  # base64 and an envelope around the largest body
# The app may be on another origin, and its script then reads only headers that say so. Azure adds all else of CORS.
_EXPOSED: Final = "Content-Disposition, ETag, Link, RateLimit, Retry-After, X-Request-Id"


def mount(blueprint: func.Blueprint, trigger: HttpTrigger, runtime: Runtime) -> None:
    """Give Azure a plain `run(req)`: the worker compares its parameters with the bindings."""

    async def run(req: func.HttpRequest) -> func.HttpResponse:
        name = f"{trigger.method} /api/{trigger.route}"
        with working(name, Kind.SERVER, parent=req.headers.get("traceparent")) as work:
            return await _Exchange(trigger.load(), runtime, req, work).answer()

    run.__name__ = trigger.name
    blueprint.route(trigger.route, methods=[trigger.method], auth_level=func.AuthLevel.ANONYMOUS)(run)


class _Exchange:
    """One request on its way to an answer. What is known by the time of a failure is in its fields."""

    def __init__(self, spec: Endpoint, runtime: Runtime, req: func.HttpRequest, work: Work) -> None:
        self._spec, self._runtime, self._req, self._work = spec, runtime, req, work
        self._began = time.perf_counter()
        self._trace = work.span.traceparent
        self._request_id = work.request_id = request_id_of(req.headers.get("x-request-id"), self._trace)
        self._address = client_address(req.headers)
        self._actor: Actor = ANONYMOUS
        self._limits: Mapping[str, str] = {}
        self._opened: Opened | None = None

    async def answer(self) -> func.HttpResponse:
        """Answer, whatever happens, and have it audited."""
        try:
            response = await self._handled()
        except Exception as error:  # noqa: BLE001 - the last line before the caller
            if isinstance(error, WrongCredentials) and error.claimed is not None:
                self._actor = error.claimed
            response = problem(error, instance=f"/api/{self._spec.route}", trace=self._trace)
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                heed(self._runtime, self._spec, error)
        if self._opened is not None:
            response = _sealed(self._opened, response)
        response.headers.update(self._limits)
        response.headers["X-Request-Id"] = self._request_id
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED
        record = self._record(response.status_code)
        self._runtime.audit.record(record)
        count_call(self._runtime.metrics, record)
        self._tell(response.status_code)
        return response

    def _tell(self, status: int) -> None:
        """Tell the trace how it ended: by the route's template, for a path and a query may hold secrets."""
        self._work.span.tell(
            {
                "http.request.method": self._spec.method,
                "http.route": f"/api/{self._spec.route}",
                "http.response.status_code": status,
                "srecopilot.tenant_id": self._work.tenant_id,
            }
        )
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._work.span.fail(str(status))

    async def _handled(self) -> func.HttpResponse:
        spec, runtime, req = self._spec, self._runtime, self._req
        media_type = req.headers.get("content-type", "").partition(";")[0].strip().lower()
        is_sealed = media_type == MEDIA_TYPE
        content = check_size(req.get_body(), _SEALED_LIMIT if is_sealed else MAX_BODY)
        is_plain_form = media_type != "application/json" and "authorization" not in req.headers
        if content and not is_sealed and is_plain_form and spec.needs is not Permission.ALERT_INGEST:
            # A foreign page's form can send a body along with cookies, but not as JSON. Cookies bring in no alerts.
            raise WrongMediaType
        self._actor = await self._authenticated()
        self._work.tenant_id = str(self._actor.tenant_id or "")
        rules = await self._rules()
        is_proven = spec.proof is not None and spec.proof.holds(runtime, req.headers)
        if not is_proven:
            limit = rules.rate_limit_per_minute if rules else None
            self._limits = await admit(runtime, self._actor, self._address, tenant_limit=limit)
        _check_known(spec, self._actor, is_proven=is_proven)
        if (project_id := read_project(spec, req)) is not None:
            self._actor = await within(runtime, self._actor, project_id)
        _check_permission(spec, self._actor)
        sealed = content if is_sealed else req.headers.get(_SEALED_HEADER, "").encode() if not content else b""
        if not sealed and spec.needs not in _ALWAYS_PLAIN and rules is not None:
            check_sealed(rules)
        if sealed:
            self._opened = await runtime.sealing.open_request(
                sealed,
                method=req.method,
                path=_target(req.url),
                tenant_id=self._actor.tenant_id,
                now=runtime.clock.now(),
            )
            content = check_size(self._opened.body)
        call: Call[Any, Any] = Call(
            runtime=runtime,
            actor=self._actor,
            body=read_body(spec, content),
            query=read_query(spec, req),
            if_match=read_if_match(req.headers.get("if-match")),
            trace=self._trace,
            headers=req.headers,
            address=self._address,
        )
        path = read_path(spec, req)
        if spec.cached:
            return await _kept_or_made(spec, call, path, req)
        if (key := req.headers.get("idempotency-key")) and spec.status is HTTPStatus.CREATED and self._actor.id:
            return await _once(spec, call, path, key, content)
        answer = await spec.handler(call, **path)
        self._notice(answer)
        return reply(answer, spec.status)

    def _notice(self, answer: object) -> None:
        """Have the call audited as whoever it has signed in."""
        if isinstance(answer, Answer) and isinstance(answer.body, SignedInOut):
            found = answer.body
            self._actor = Actor(
                kind=ActorKind.USER,
                id=found.user_id,
                name=found.email,
                tenant_id=TenantId(found.tenant_id),
                project_id=ProjectId(found.project_id),
            )

    async def _authenticated(self) -> Actor:
        """Who calls; nobody where everyone may, whatever a browser still sends along."""
        req, runtime = self._req, self._runtime
        if self._spec.needs is Admission.EVERYONE and not self._spec.recognises:
            return ANONYMOUS
        try:
            cookie = cookie_credential(req.method, req.headers)
            return await authenticate(runtime, req.headers.get("authorization"), cookie, address=self._address)
        except DomainError as refusal:
            if self._spec.needs is Admission.EVERYONE:
                return ANONYMOUS
            # Guessing is limited like any call without a credential; senders of alerts are never told 429.
            is_sender = self._spec.needs is Permission.ALERT_INGEST
            if isinstance(refusal, TooMany) and is_sender:
                raise Overloaded from None
            if isinstance(refusal, Unauthenticated) and not is_sender:
                await admit(runtime, ANONYMOUS, self._address)
            raise

    async def _rules(self) -> TenantRules | None:
        """What the caller's tenant has decided. None for nobody, and for senders of alerts, who need no store."""
        if self._actor.tenant_id is None or self._actor.kind is ActorKind.INTEGRATION:
            return None
        try:
            return await rules_of(self._runtime, self._actor.tenant_id)
        except Unavailable:
            if self._spec.needs is Admission.EVERYONE:
                return None
            raise

    def _record(self, status: int) -> CallRecord:
        return CallRecord(
            at=self._runtime.clock.now(),
            tenant_id=self._actor.tenant_id,
            project_id=self._actor.project_id,
            actor_kind=self._actor.kind,
            actor_id=self._actor.id,
            actor_name=self._actor.name,
            method=self._spec.method,
            route=self._spec.route,
            path=_asked(self._spec.route, self._req.route_params),
            operation=self._spec.name,
            status=status,
            duration_ms=round((time.perf_counter() - self._began) * 1_000, 3),
            address=self._address,
            request_id=self._request_id,
            trace_id=trace_id_of(self._trace),
        )


def _check_known(spec: Endpoint, actor: Actor, *, is_proven: bool) -> None:
    is_nobody = spec.needs is not Admission.EVERYONE and actor.kind is ActorKind.ANONYMOUS
    if is_nobody or (spec.proof is not None and not is_proven):
        raise Unauthenticated


def _check_permission(spec: Endpoint, actor: Actor) -> None:
    """Before validation: who may not call learns nothing about what is valid."""
    if isinstance(spec.needs, Permission) and spec.needs not in actor.permissions:
        raise Forbidden(needs=spec.needs.value)
    if spec.needs is Admission.SIGNED_IN and actor.role is None:
        raise Forbidden


async def _once(
    spec: Endpoint, call: Call[Any, Any], path: Mapping[str, Any], key: str, content: bytes
) -> func.HttpResponse:
    """Create once, and give whoever sends the same request again the first answer."""
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise Invalid(errors=[{"field": "Idempotency-Key", "message": "must be 8 to 255 visible ASCII characters"}])
    if call.actor.id is None:
        raise Unauthenticated
    same = (str(call.actor.project_id), *map(str, path.values()))
    digest = hashlib.sha256(b"\0".join((*(part.encode() for part in same), content))).hexdigest()
    request = Request(actor_id=call.actor.id, operation=spec.name, key=key, digest=digest)
    async with call.runtime.transaction(call.actor) as tx:
        known = await recall(tx, request, call.runtime)
    if known is not None:
        return replayed(known, spec.status)
    response = reply(await spec.handler(replace(call, idempotency=request), **path), spec.status)
    try:
        async with call.runtime.transaction(call.actor) as tx:
            await keep(tx, request, response.get_body().decode(), call.runtime)
    except Unavailable as error:
        log.warning("an answer could not be kept for its Idempotency-Key: %s", error.title)
    return response


async def _kept_or_made(
    spec: Endpoint, call: Call[Any, Any], path: Mapping[str, Any], req: func.HttpRequest
) -> func.HttpResponse:
    """Answer from what was kept, or by the handler; by nothing but the ETag where the caller has the answer."""
    asked = [spec.name, call.actor.role, [str(value) for value in path.values()], sorted(req.params.items())]
    if isinstance(call.query, PersonalQuery) and call.query.is_personal:
        asked.append(str(call.actor.id))
    slot = await call.runtime.responses.slot(call.project_id, json.dumps(asked))
    kept = await call.runtime.responses.find(slot) if slot else None
    response = reply(await spec.handler(call, **path), spec.status) if kept is None else json_text(kept, spec.status)
    found = "bypass" if slot is None else "miss" if kept is None else "hit"
    call.runtime.metrics.add(CACHE_REQUESTS, "responses", found)
    if slot:
        response.headers["Cache-Status"] = "sre-copilot; " + ("fwd=miss" if kept is None else "hit")
        if kept is None:
            await call.runtime.responses.keep(slot, response.get_body().decode())
    etag = f'W/"{hashlib.blake2b(response.get_body(), digest_size=12).hexdigest()}"'
    response.headers.update({"ETag": etag, "Cache-Control": "private, no-cache"})
    if req.headers.get("if-none-match") == etag:
        return func.HttpResponse(status_code=int(HTTPStatus.NOT_MODIFIED), headers=dict(response.headers))
    return response


def _sealed(opened: Opened, response: func.HttpResponse) -> func.HttpResponse:
    """Seal an answer for the key that the request named, problems too."""
    content = seal_reply(opened, response.get_body(), status=response.status_code)
    # A sealed answer always has a body, and these two statuses may have none; the true status is sealed inside.
    is_empty = response.status_code in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
    status = HTTPStatus.OK if is_empty else response.status_code
    sealed = func.HttpResponse(content, status_code=int(status), mimetype=MEDIA_TYPE)
    for name, value in response.headers.items():
        sealed.headers.add(name, value)
    return sealed


def _asked(route: str, params: Mapping[str, str]) -> str:
    """Return the path of a call, below the prefix."""
    return re.sub(r"{(\w+)[^}]*}", lambda found: params.get(found[1], ""), route)


def _target(url: str) -> str:
    """Return path and query, which a sealed request is bound to."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
