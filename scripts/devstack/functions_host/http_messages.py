"""HTTP requests and answers as the worker sees them."""

import json
import os
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any, Final

from aiohttp import web
from multidict import CIMultiDict, MultiMapping

from scripts.devstack.functions_host.messages import Message, RpcHttpCookie, TypedData

# The server works these out from the body it sends.
_FRAMING: Final = frozenset({"content-length", "transfer-encoding", "connection"})

_SAME_SITE: Final = {
    RpcHttpCookie.SameSite.Lax: "Lax",
    RpcHttpCookie.SameSite.Strict: "Strict",
    RpcHttpCookie.SameSite.ExplicitNone: "None",
}


def request_data(request: web.BaseRequest, route_values: Mapping[str, str], body: bytes) -> TypedData:
    """An HTTP trigger's data: lower-case header names, several values joined by commas, no empty query values.

    `x-forwarded-for` ends with the caller's address and port, which Azure's front end appends too.
    """
    headers = {name.lower(): value for name, value in _joined(request.headers).items()}
    if peer := request.transport and request.transport.get_extra_info("peername"):
        address = f"[{peer[0]}]" if ":" in peer[0] else peer[0]
        headers["x-forwarded-for"] = ", ".join(filter(None, (headers.get("x-forwarded-for"), f"{address}:{peer[1]}")))
    return TypedData(
        http=Message(
            method=request.method,
            url=f"{request.scheme}://{request.host}{request.raw_path}",
            headers=headers,
            query=_joined(request.query),
            params=route_values,
            body=TypedData(bytes=body),
        )
    )


def _joined(values: MultiMapping[str]) -> dict[str, str]:
    found = {}
    for name in values:
        if joined := ",".join(filter(None, values.getall(name))):
            found[name] = joined
    return found


def trace_parent(headers: Mapping[str, str]) -> str:
    """The caller's W3C trace context, or a new one that is not sampled."""
    return headers.get("traceparent") or f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-00"


def response(returned: TypedData | None) -> web.Response:
    """The answer for what a function returned."""
    if returned is None:
        return web.Response(status=204)
    if returned.kind == "http":
        return _of_http(returned.value)
    return _of_text(returned.value)


def _of_http(answer: Message) -> web.Response:
    headers = CIMultiDict((name, value) for name, value in answer.headers.items() if name.lower() not in _FRAMING)
    for cookie in answer.cookies or ():
        headers.add("Set-Cookie", _cookie(cookie))
    return web.Response(status=int(answer.status_code), headers=headers, body=answer.body.value)


def _cookie(cookie: Message) -> str:
    attributes = {
        "domain": cookie.domain and cookie.domain.value,
        "expires": cookie.expires and formatdate(cookie.expires.value.seconds, usegmt=True),
        "max-age": cookie.max_age and str(int(cookie.max_age.value)),
        "path": cookie.path and cookie.path.value,
        "samesite": _SAME_SITE.get(cookie.same_site),
    }
    flags = {"secure": cookie.secure, "httponly": cookie.http_only}
    return "; ".join(
        [f"{cookie.name}={cookie.value}"]
        + [f"{name}={value}" for name, value in attributes.items() if value]
        + [name for name, flag in flags.items() if flag and flag.value]
    )


def _of_text(text: str) -> web.Response:
    """The host reads a returned string as JSON, and an object with a `body` as a whole answer."""
    try:
        value = json.loads(text)
    except ValueError:
        return web.Response(text=text)
    if not isinstance(value, dict) or "body" not in value:
        return web.Response(text=text, content_type="application/json", charset="utf-8")
    return _of_object({key.lower(): item for key, item in value.items()})


def _of_object(answer: Mapping[str, Any]) -> web.Response:
    body = answer["body"]
    headers = {name: str(value) for name, value in (answer.get("headers") or {}).items()}
    if "content-type" not in {name.lower() for name in headers}:
        kind = "text/plain" if isinstance(body, str) else "application/json"
        headers["Content-Type"] = f"{kind}; charset=utf-8"
    text = body if isinstance(body, str) else json.dumps(body)
    status = int(answer.get("statuscode", answer.get("status", 200)))
    return web.Response(status=status, headers=headers, body=text.encode())
