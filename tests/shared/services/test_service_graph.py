"""What Prometheus knows of who calls whom, by HTTP."""

import json
from typing import Any

import pytest
from aiohttp import web

from tests.fixtures import App, StoppedClock, Tenant, sign_in_again
from tests.functions.services.test_import import bring_in
from tests.monitored import prometheus, watch

TEMPO = "traces_service_graph_request_total"
ISTIO = "istio_requests_total"
SERIES: dict[str, list[dict[str, str]]] = {
    TEMPO: [
        {"client": "web", "server": "cart"},
        {"client": "user", "server": "web"},
        {"client": "cart", "server": "cart"},
    ],
    ISTIO: [
        {"source_workload": "cart", "destination_workload": "db"},
        {"source_workload": "unknown", "destination_workload": "db"},
    ],
}


def graphs(request: web.Request) -> dict[str, Any]:
    found = next(series for metric, series in SERIES.items() if metric in request.query["query"])
    result = [{"metric": labels, "value": [0, "1"]} for labels in found]
    return {"status": "success", "data": {"resultType": "vector", "result": result}, "warnings": []}


async def calls(app: App, tenant: Tenant) -> dict[tuple[str, str], dict[str, Any]]:
    shown = (await app.call("GET", "service-map", token=tenant.token)).json
    return {(one["caller"], one["callee"]): one for one in shown["edges"]}


async def test_the_calls_of_a_service_graph_are_learned(app: App, tenant: Tenant) -> None:
    async with prometheus(graphs) as (url, asked):
        await watch(app, tenant, url, credentials={"type": "bearer", "token": "hunter2"})
        for _ in range(2):
            await app.tick("learn_topology")
    found = await calls(app, tenant)
    assert {pair: one["source"] for pair, one in found.items()} == {
        ("web", "cart"): "service_graph",
        ("cart", "db"): "service_graph",
    }
    ours = [one for one in asked if one.headers.get("Authorization") == "Bearer hunter2"]
    assert len(ours) == 4


async def test_what_people_said_stays_and_is_seen_again(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    await bring_in(app, tenant, {"services": [{"name": "web", "depends_on": ["cart"]}]})
    before = (await calls(app, tenant))["web", "cart"]
    clock.advance(minutes=14)
    async with prometheus(graphs) as (url, _):
        await watch(app, tenant, url)
        await app.tick("learn_topology")
        assert (await calls(app, tenant))["web", "cart"] == before
    # the next hour it is written down that it is still so
    clock.advance(minutes=50)
    async with prometheus(graphs) as (url, _):
        tenant = await sign_in_again(app, tenant)
        await watch(app, tenant, url)
        await app.tick("learn_topology")
        await app.call("POST", "services", {"name": "raises the project's version"}, token=tenant.token)
        after = (await calls(app, tenant))["web", "cart"]
    assert after["source"] == "import"
    assert after["last_seen_at"] > before["last_seen_at"]


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "error", "data": {"result": []}},
        {"status": "success", "data": {"result": [{"metric": {"client": 7}}]}},
        {"status": "success", "data": {"result": [{"metric": {"client": "a" * 300, "server": "b"}}]}},
        [],
        web.Response(status=500),
        web.Response(text="no json"),
    ],
    ids=lambda one: json.dumps(one) if isinstance(one, dict | list) else "response",
)
async def test_a_prometheus_that_answers_otherwise_teaches_nothing(app: App, tenant: Tenant, answer: Any) -> None:
    def reply(_: web.Request) -> Any:
        return web.Response(status=answer.status, body=answer.body) if isinstance(answer, web.Response) else answer

    async with prometheus(reply) as (url, _):
        await watch(app, tenant, url)
        await app.tick("learn_topology")
    assert await calls(app, tenant) == {}
