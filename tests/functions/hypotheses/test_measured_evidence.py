"""What Prometheus knows of an onset is evidence, and what it does not tell is a note."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from aiohttp import web

from shared.hypotheses import live
from shared.hypotheses.assembling import assemble_case
from shared.hypotheses.series import SHOWN_POINTS
from shared.hypotheses.values import Case
from shared.kernel.values import TenantId, system_actor
from tests.fixtures import App, Tenant, payload, register
from tests.monitored import prometheus, watch

OWN = "checkout_error_ratio"
USED, MOST = "db_pool_connections_in_use", "db_pool_connections_max"


def result(*series: dict[str, Any]) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": "matrix", "result": list(series)}}


def points(request: web.Request, before: float, after: float, *, late: float = 0.0) -> list[list[Any]]:
    """A course that changes `late` seconds after the onset."""
    start, end, step = (float(request.query[name]) for name in ("start", "end", "step"))
    onset = start + 1_800  # what is asked for begins half an hour before it
    times = [start + place * step for place in range(int((end - start) / step) + 1)]
    return [[at, str(before if at < onset + late else after)] for at in times]


def healthy_pool(request: web.Request) -> dict[str, Any]:
    """A service whose pool fills two minutes before its requests fail."""
    query = request.query["query"]
    if request.path.endswith("/query"):
        names = [USED, MOST] if "service=~" in query else []
        return result(*({"metric": {"__name__": name, "service": "checkout"}} for name in names))
    if query == OWN:
        own = {"metric": {"service": "checkout"}, "values": points(request, 0.0, 0.18)}
        other = {"metric": {"service": "cart"}, "values": points(request, 0.0, 0.0)}
        return result(other, own)
    return result({"metric": {}, "values": points(request, 30, 100, late=-120)})


async def begun(app: App, tenant: Tenant) -> dict[str, Any]:
    """An incident whose alert began twenty minutes ago."""
    body = payload("alertmanager-firing")
    body["alerts"][0]["startsAt"] = (app.runtime.clock.now() - timedelta(minutes=20)).isoformat()
    await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    found: dict[str, Any] = (await app.call("GET", "incidents", token=tenant.token)).json["items"][0]
    return found


async def analysed(app: App, tenant: Tenant) -> dict[str, Any]:
    """The incident with its hypotheses and all that they cite, once it was analysed."""
    incident = await begun(app, tenant)
    await app.carry()
    found = (await app.call("GET", f"incidents/{incident['id']}/hypotheses", token=tenant.token)).json
    steps = (await app.call("GET", f"incidents/{incident['id']}/workflow", token=tenant.token)).json["items"]
    (collected,) = [one["detail"] for one in steps if one["step_type"] == "evidence_collected"]
    cited = {item["id"]: item for one in found["items"] for item in one["evidence"]}
    return {"incident": incident, "found": found, "gaps": collected["gaps"], "cited": cited}


async def test_a_measure_is_cited_with_its_query_and_its_course(app: App, tenant: Tenant) -> None:
    async with prometheus(healthy_pool) as (url, asked):
        await watch(app, tenant, url, credentials={"type": "bearer", "token": "hunter2"})
        shown = await analysed(app, tenant)
    assert shown["gaps"] == []
    assert (shown["found"]["items"][0]["component"], shown["found"]["items"][0]["cause_code"]) == (
        "checkout",
        "connection_pool_exhausted",
    )
    (pool,) = [one for one in shown["cited"].values() if "connection pool usage" in one["text"]]
    assert pool["kind"] == "metric"
    assert pool["text"].startswith("connection pool usage saturated: 30 to 100 percent, beginning 2 min before the ")
    assert "moves with what the alert measures" in pool["text"]
    assert pool["text"].endswith("the first measure to move")
    assert pool["numbers"]["likeness"] > 0.7
    assert pool["query"] == (
        '100 * sum(db_pool_connections_in_use{service="checkout"})'
        ' / (sum(db_pool_connections_max{service="checkout"}) > 0)'
    )
    assert pool["series"]["unit"] == "percent"
    assert 10 < len(pool["series"]["points"]) <= SHOWN_POINTS
    assert all(one.headers["Authorization"] == "Bearer hunter2" for one in asked)


async def test_the_alerts_own_expression_is_measured_below_its_threshold(app: App, tenant: Tenant) -> None:
    async with prometheus(healthy_pool) as (url, asked):
        await watch(app, tenant, url)
        shown = await analysed(app, tenant)
    (own,) = [one for one in shown["cited"].values() if one["query"] == OWN]
    assert own["text"].startswith("HighErrorRate by its own expression rose: 0 to 0.18, beginning with the first alert")
    assert {one.query["step"] for one in asked if one.query["query"] == OWN} == {"15"}


async def test_steady_measures_deny_no_alert(app: App, tenant: Tenant) -> None:
    def steady(request: web.Request) -> dict[str, Any]:
        found = healthy_pool(request)
        for one in found["data"]["result"]:
            one["values"] = points(request, 30, 30) if "step" in request.query else []
        return found

    async with prometheus(steady) as (url, _):
        await watch(app, tenant, url)
        shown = await analysed(app, tenant)
    weights = {one["text"]: one["weight"] for one in shown["cited"].values() if one["kind"] == "alert"}
    assert set(weights.values()) == {1}
    assert shown["found"]["items"][0]["cause_code"] != "none"


def hang(_: web.Request) -> Any:
    return asyncio.sleep(60)


async def huge(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        for _ in range(100):
            await response.write(b" " * 65_536)
    except ConnectionError:
        pass
    return response


BROKEN: list[tuple[Callable[[web.Request], Any], str]] = [
    (lambda _: web.Response(status=500, text="secret stack trace"), "answered with status 500"),
    (lambda _: web.Response(status=422, text="bad"), "answered with status 422"),
    (lambda _: web.Response(status=302, headers={"Location": "http://169.254.169.254/"}), "answered with status 302"),
    (lambda _: web.Response(text="<html>sign in</html>"), "answered with something that is no result of a query"),
    (lambda _: {"status": "error", "error": "x"}, "answered with something that is no result of a query"),
    (lambda _: result({"metric": {"a": 7}}), "answered with something that is no result of a query"),
    (lambda _: result({"metric": {}, "values": [[1, "many"]]}), "answered with something that is no result of a query"),
    (huge, "answered with more than 1 MiB"),
    (lambda _: result(), "no measures of checkout"),
]


@pytest.mark.parametrize(("answer", "reason"), BROKEN, ids=lambda one: one if isinstance(one, str) else "")
async def test_a_source_that_does_not_tell_is_a_note_and_speaks_for_no_cause(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection, answer: Callable[[web.Request], Any], reason: str
) -> None:
    alone = await analysed(app, await register(app))
    async with prometheus(answer) as (url, _):
        credentials = {"type": "basic", "username": "u", "password": "hunter2"}
        await watch(app, tenant, url, name="main", credentials=credentials)
        shown = await analysed(app, tenant)
    (gap,) = shown["gaps"]
    assert gap.startswith(f'Prometheus "main": {reason}')
    assert not {"hunter2", "127.0.0.1", "secret"} & set(gap.replace(":", " ").split())
    noted = await owner.execute(
        "select kind, numbers, weight from evidence where tenant_id = %s and text = %s", (tenant.tenant_id, gap)
    )
    assert await noted.fetchall() == [("note", {"gap": 1.0}, 0.0)]
    assert scores(shown) == scores(alone)


def scores(shown: dict[str, Any]) -> list[tuple[str, float]]:
    return [(one["cause_code"], one["confidence_score"]) for one in shown["found"]["items"]]


async def test_where_nobody_listens_is_a_note(app: App, tenant: Tenant) -> None:
    await watch(app, tenant, "http://127.0.0.1:1")
    (gap,) = (await analysed(app, tenant))["gaps"]
    assert gap.startswith('Prometheus "main": could not be reached')


async def test_only_a_prometheus_of_the_project_is_asked(app: App, tenant: Tenant) -> None:
    other = await register(app)
    async with prometheus(healthy_pool) as (url, asked):
        await watch(app, other, url)
        for kind in ("alertmanager", "grafana"):
            await watch(app, tenant, url, kind=kind)
        shown = await analysed(app, tenant)
    assert (asked, shown["gaps"]) == ([], [])


async def test_what_was_answered_in_time_stays_when_the_rest_is_slow(app: App, tenant: Tenant) -> None:
    def slow_templates(request: web.Request) -> Any:
        return healthy_pool(request) if request.query["query"] == OWN else hang(request)

    incident = await begun(app, tenant)
    async with prometheus(slow_templates) as (url, _):
        await watch(app, tenant, url)
        case = await measured(app, tenant, incident, deadline=1.0)
    (own,) = case.observations
    assert own.is_own
    (gap,) = case.gaps
    assert gap.startswith('Prometheus "main": did not answer within 1 seconds (')


async def test_several_sources_are_asked_at_once_and_the_first_that_knows_counts(app: App, tenant: Tenant) -> None:
    together = asyncio.Barrier(2)
    waited: set[str] = set()

    async def both(request: web.Request) -> Any:
        if request.query["query"] == OWN and request.host not in waited:
            waited.add(request.host)
            await together.wait()
        return healthy_pool(request)

    incident = await begun(app, tenant)
    async with prometheus(both) as (one, _), prometheus(both) as (two, _):
        await watch(app, tenant, one)
        await watch(app, tenant, two, name="other")
        case = await measured(app, tenant, incident, deadline=30)
    assert sorted(one.title for one in case.observations) == [
        "HighErrorRate by its own expression",
        "connection pool usage",
    ]
    assert case.gaps == ()


def odd_values() -> Iterator[Any]:
    yield "NaN"
    yield "+Inf"
    yield "-Inf"
    yield "1e999"


async def test_what_is_no_number_and_what_lies_outside_of_the_window_is_left_out(app: App, tenant: Tenant) -> None:
    def odd(request: web.Request) -> Any:
        if request.path.endswith("/query"):
            return healthy_pool(request)
        values = points(request, 1, 2)
        strange = [[at, value] for (at, _), value in zip(values, odd_values(), strict=False)]
        far = [[-1e300, "5"], [1e300, "5"], [0, "5"]]
        histogram = {"metric": {"service": "checkout"}, "histograms": [[1, {"count": "5", "sum": "7"}]]}
        return result(histogram, {"metric": {"service": "checkout"}, "values": [*strange, *values[4:], *far]})

    incident = await begun(app, tenant)
    async with prometheus(odd) as (url, _):
        await watch(app, tenant, url)
        case = await measured(app, tenant, incident, deadline=30)
    for one in case.observations:
        assert one.series is not None
        assert {value for _, value in one.series.points} == {1.0, 2.0}
        assert json.dumps([value for _, value in one.series.points], allow_nan=False)


async def measured(app: App, tenant: Tenant, incident: dict[str, Any], *, deadline: float) -> Case:
    async with app.runtime.transaction(system_actor(TenantId(UUID(tenant.tenant_id)))) as tx:
        case = await assemble_case(tx, UUID(incident["id"]))
        sources = await live.sources(tx, UUID(incident["id"]))
    return await live.measured(app.runtime, sources, case, deadline=deadline)
