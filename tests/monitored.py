"""A server that speaks as much of Prometheus's API as the product asks for."""

import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from scripts.devstack.ports import HOST, free_port
from tests.fixtures import App, Tenant


@asynccontextmanager
async def prometheus(answer: Callable[[web.Request], Any]) -> AsyncIterator[tuple[str, list[web.Request]]]:
    """A base URL, and what it was asked. `answer` gives a response, or what becomes one in JSON, or awaits it."""
    asked: list[web.Request] = []

    async def query(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        found = answer(request)
        found = await found if inspect.isawaitable(found) else found
        return found if isinstance(found, web.StreamResponse) else web.json_response(found)

    served = web.Application()
    served.router.add_get("/prom/api/v1/query", query)
    served.router.add_get("/prom/api/v1/query_range", query)
    runner = web.AppRunner(served, shutdown_timeout=0.1)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, HOST, port).start()
    try:
        yield f"http://{HOST}:{port}/prom", asked
    finally:
        await runner.cleanup()


async def watch(app: App, tenant: Tenant, url: str, **given: Any) -> None:
    """Give the tenant's project a Prometheus that may be asked."""
    body = {"kind": "prometheus", "name": "main", "base_url": url, **given}
    assert (await app.call("POST", "integrations", body, token=tenant.token)).status == 201
