"""The HTTP front: which answer a request gets, in the order the Functions host decides it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from aiohttp import web

from scripts.devstack.functions_host.admin import Admin
from scripts.devstack.functions_host.app import Function
from scripts.devstack.functions_host.cors import Cors
from scripts.devstack.functions_host.dispatcher import Dispatcher
from scripts.devstack.functions_host.http_messages import request_data, response, trace_parent
from scripts.devstack.functions_host.keys import Keys, presented_key
from scripts.devstack.functions_host.routes import Route, decode_path

DEFAULT_BODY_LIMIT: Final = 104_857_600

_HOME: Final = "<!DOCTYPE html><title>Functions host</title><p>Your Functions host is up and running.</p>"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An HTTP function where it is served."""

    function: Function
    route: Route
    auth_level: str
    is_disabled: bool


class Front:
    """Answers requests from the endpoints, of which the first that matches wins."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        dispatcher: Dispatcher,
        admin: Admin,
        *,
        cors: Cors,
        keys: Keys | None,
        body_limit: int,
        has_home_page: bool,
    ) -> None:
        """`keys` None leaves everything open. `body_limit` is in bytes."""
        self._endpoints = endpoints
        self._dispatcher = dispatcher
        self._admin = admin
        self._cors = cors
        self._keys = keys
        self._body_limit = body_limit
        self._has_home_page = has_home_page

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        if self._cors.answers_preflight(request.method, request.headers):
            return web.Response(status=204, headers=self._cors.preflight_headers(request.headers))
        answer = await self._answer(request)
        answer.headers.update(self._cors.headers(request.headers))
        return answer

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        path = decode_path(request.rel_url.raw_path)
        if path.lower().startswith("/admin/"):
            return await self._administer(request, path)
        found = self._find(request.method, path)
        if found is None:
            return self._home_page() if path == "/" else web.Response(status=404)
        endpoint, values = found
        if refusal := self._refusal(request, endpoint):
            return web.Response(status=refusal)
        try:
            body = await _read(request)
        except ConnectionError:
            return web.Response(status=400)  # which nobody reads: the caller has left
        result = await self._dispatcher.run(
            endpoint.function, request_data(request, values, body), trace_parent=trace_parent(request.headers)
        )
        return web.Response(status=500) if result.error else response(result.returned)

    def _refusal(self, request: web.BaseRequest, endpoint: Endpoint) -> HTTPStatus | None:
        if endpoint.is_disabled:
            return HTTPStatus.NOT_FOUND
        if self._keys and not self._keys.admits(
            endpoint.auth_level, endpoint.function.name, presented_key(request.headers, request.query)
        ):
            return HTTPStatus.UNAUTHORIZED
        if (request.content_length or 0) > self._body_limit:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return None

    def _find(self, method: str, path: str) -> tuple[Endpoint, Mapping[str, str]] | None:
        for endpoint in self._endpoints:
            if (values := endpoint.route.match(method, path)) is not None:
                return endpoint, values
        return None

    async def _administer(self, request: web.BaseRequest, path: str) -> web.Response:
        if self._keys and not self._keys.is_master(presented_key(request.headers, request.query)):
            return web.Response(status=401)
        return await self._admin.answer(request, path.strip("/").lower().split("/")[1:])

    def _home_page(self) -> web.Response:
        if not self._has_home_page:
            return web.Response(status=204)
        return web.Response(text=_HOME, content_type="text/html")


async def _read(request: web.BaseRequest) -> bytes:
    """The body, for which some callers wait to be asked. Raises ConnectionError when the caller leaves meanwhile."""
    # A chunked body has no length: the Functions host hands it on as empty, and so does this one.
    if not request.content_length:
        return b""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # or the server takes the answer for begun
    return await request.content.readexactly(request.content_length)
