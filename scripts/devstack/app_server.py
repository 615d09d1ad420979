"""Serves the built app as Azure Static Web Apps does, and hands `/api` on to the functions: to a browser, one site."""

import argparse
import asyncio
import json
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from multidict import CIMultiDict
from yarl import URL

from scripts.devstack.ports import HOST

CONFIGURATION: Final = "staticwebapp.config.json"
ASSETS: Final = "assets"
FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
SECURE_ONLY: Final = "Strict-Transport-Security"  # would make a browser refuse plain HTTP on this machine ever after
# Of one connection, and so not of the next one (RFC 9110, 7.6.1); the rest the two libraries set themselves.
HOP_BY_HOP: Final = frozenset({"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"})
SET_ANEW: Final = HOP_BY_HOP | {"content-length", "date", "host", "server"}
ANSWER_SECONDS: Final = 240
MAX_BODY: Final = 2 * 1_024 * 1_024  # the API's own limit is below, and its answer says so better


def site_headers(configuration: str, realtime: str) -> dict[str, str]:
    """The headers of every page; `realtime` is an origin (`ws://host:port`) that the pages may connect to as well."""
    headers: dict[str, str] = json.loads(configuration)["globalHeaders"]
    policy = headers["Content-Security-Policy"].replace("connect-src 'self'", f"connect-src 'self' {realtime}")
    return {name: value for name, value in headers.items() if name != SECURE_ONLY} | {"Content-Security-Policy": policy}


def file_of(folder: Path, path: str) -> Path | None:
    """The file that a path of the site names; the page for what is no file; None for a file that is not there."""
    wanted = (folder / path.lstrip("/")).resolve()
    if wanted.is_relative_to(folder) and wanted.is_file() and not wanted.name.startswith("."):
        return wanted
    return None if path.startswith(f"/{ASSETS}/") or wanted.suffix else folder / "index.html"


def handed_on(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """The headers of a message that go on with it; of repeated ones, all."""
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in SET_ANEW)


class Site:
    """The built app in `folder`, and the API behind it at `api`, an origin."""

    def __init__(self, folder: Path, api: str, realtime: str, client: ClientSession) -> None:
        self._folder = folder.resolve()
        self._api = api
        self._client = client
        self._headers = site_headers((folder / CONFIGURATION).read_text(), realtime)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/api/{rest:.*}", self.hand_on)
        app.router.add_get("/{rest:.*}", self.serve)
        return app

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """A file of the build, or the page, which has a route of its own for every other path."""
        found = file_of(self._folder, request.path)
        if found is None:
            raise web.HTTPNotFound(headers=self._headers)
        forever = FOREVER if found.parent.name == ASSETS else {}
        return web.FileResponse(found, headers=self._headers | forever)

    async def hand_on(self, request: web.Request) -> web.StreamResponse:
        """The API's answer with its headers, cookies among them."""
        headers = handed_on(request.headers)
        headers["X-Forwarded-For"] = ", ".join([*headers.getall("X-Forwarded-For", []), request.remote or ""])
        body = await request.read() if request.can_read_body else None
        url = URL(f"{self._api}{request.raw_path}", encoded=True)
        try:
            async with self._client.request(
                request.method, url, headers=headers, data=body, allow_redirects=False
            ) as answer:
                return web.Response(status=answer.status, headers=handed_on(answer.headers), body=await answer.read())
        except (ClientError, TimeoutError) as error:
            raise web.HTTPBadGateway(text=f"The API did not answer: {error}") from error


async def serve(folder: Path, port: int, api: str, realtime: str) -> None:
    """Serves until a signal comes."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 (a coroutine runs in a task)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    async with ClientSession(auto_decompress=False, timeout=ClientTimeout(total=ANSWER_SECONDS)) as client:
        runner = web.AppRunner(Site(folder, api, realtime, client).app(), access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, port).start()
            print("ready", flush=True)
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="app_server", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--api", required=True, help="origin of the functions")
    parser.add_argument("--realtime", required=True, help="origin of the live events, ws://host:port")
    options = parser.parse_args()
    with suppress(asyncio.CancelledError):
        asyncio.run(serve(options.folder, options.port, options.api, options.realtime))
