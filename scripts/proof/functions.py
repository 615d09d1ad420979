"""The product's functions, called in this process as the worker would call them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import azure.functions as func

from functions import build_app
from shared.platform.relay import Relay
from shared.platform.runtime import Runtime


class QuietRelay(Relay):
    """Carries events only when asked to."""

    def nudge(self) -> None:
        return


@dataclass(frozen=True)
class Response:
    """What a function answered. `cookies` are whole `Set-Cookie` values, of which `headers` has only the first."""

    status: int
    media_type: str
    headers: dict[str, str]
    cookies: tuple[str, ...]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


class Functions:
    """The mounted functions of one app."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.functions = {one.get_function_name(): one for one in build_app(runtime).get_functions()}
        self._routes = [
            (binding["route"].split("/"), [str(method) for method in binding["methods"]], str(name))
            for name, one in self.functions.items()
            for binding in one.get_dict_repr()["bindings"]
            if binding["type"] == "httpTrigger"
        ]

    async def call(
        self, method: str, path: str, body: Any = None, *, token: str = "", headers: Mapping[str, str] | None = None
    ) -> Response:
        """Call an endpoint by its path below /api/; a query may follow."""
        route, _, query = path.partition("?")
        name, params = self._match(method, route)
        content = body if isinstance(body, bytes) else (b"" if body is None else json.dumps(body).encode())
        asked = dict(pair.split("=", 1) for pair in query.split("&")) if query else {}
        given = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        return await self.invoke(
            name, method, url=path, path=params, query=asked, body=content, headers={**given, **(headers or {})}
        )

    async def invoke(
        self,
        name: str,
        method: str,
        *,
        url: str,
        path: Mapping[str, str],
        query: Mapping[str, str],
        body: bytes,
        headers: Mapping[str, str],
    ) -> Response:
        """Call a function by its name with whatever a host could hand over; `path` and `query` are decoded."""
        run: Callable[[func.HttpRequest], Any] = self.functions[name].get_user_function()
        request = func.HttpRequest(
            method=method,
            url=f"http://localhost/api/{url}",
            headers=headers,
            params=query,
            route_params=path,
            body=body,
        )
        answered = await run(request)
        return Response(
            answered.status_code,
            answered.mimetype,
            dict(answered.headers),
            tuple(answered.headers.getlist("Set-Cookie")),
            answered.get_body(),
        )

    async def hand(self, function: str, text: str) -> None:
        """Hand a message to a queue function."""
        await self.functions[function].get_user_function()(func.QueueMessage(body=text.encode()))

    async def tick(self, function: str) -> None:
        """Let a timer function run."""
        await self.functions[function].get_user_function()(None)

    def _match(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        parts = path.split("/")
        for template, methods, name in self._routes:
            if method in methods and len(template) == len(parts):
                pairs = list(zip(template, parts, strict=True))
                if all(part.startswith("{") or part == given for part, given in pairs):
                    return name, {part.strip("{}"): given for part, given in pairs if part.startswith("{")}
        raise LookupError(f"no route for {method} {path}")
