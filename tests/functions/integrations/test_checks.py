"""Integrations are asked for their health: on request, and by a timer for all."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from aiohttp import web

from tests.fixtures import App, Tenant, register

HEALTHY = {
    "alertmanager": "/-/healthy",
    "changes": "/",
    "generic": "/",
    "grafana": "/api/health",
    "prometheus": "/-/healthy",
}


@dataclass
class Monitored:
    """A service on loopback that answers as told, and remembers what it was asked."""

    url: str = ""
    statuses: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    meanwhile: list[Any] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, request.headers.get("Authorization", "")))
        for look in self.meanwhile:
            await look()
        headers = {"Location": "http://169.254.169.254/"}
        return web.Response(status=self.statuses.get(request.path, 200), text="hunter2-body", headers=headers)


@pytest.fixture
async def monitored() -> AsyncIterator[Monitored]:
    service = Monitored()
    app = web.Application()
    app.router.add_get("/{path:.*}", service.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield service
    await runner.cleanup()


async def make(app: App, tenant: Tenant, **given: Any) -> str:
    body = {"kind": "prometheus", "name": "main", **given}
    return str((await app.call("POST", "integrations", body, token=tenant.token)).json["id"])


async def check(app: App, tenant: Tenant, integration_id: str) -> dict[str, Any]:
    answer = await app.call("POST", f"integrations/{integration_id}/test", token=tenant.token)
    assert answer.status == 200, answer.content
    found: dict[str, Any] = answer.json
    return found


async def history(app: App, tenant: Tenant, integration_id: str, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = (
        await app.call("GET", f"integrations/{integration_id}/checks{query}", token=tenant.token)
    ).json
    return found


@pytest.mark.parametrize("kind", HEALTHY)
async def test_each_kind_is_asked_where_it_tells_its_health(
    app: App, tenant: Tenant, monitored: Monitored, kind: str
) -> None:
    one = await make(app, tenant, kind=kind, base_url=monitored.url)
    found = await check(app, tenant, one)
    assert (found["ok"], found["detail"]) == (True, "")
    assert found["latency_ms"] >= 0
    assert monitored.asked == [(HEALTHY[kind], "")]


async def test_a_prometheus_with_nothing_but_its_api_is_healthy_too(
    app: App, tenant: Tenant, monitored: Monitored
) -> None:
    monitored.statuses = {"/select/-/healthy": 404}
    one = await make(app, tenant, base_url=f"{monitored.url}/select")
    assert (await check(app, tenant, one))["ok"]
    assert [path for path, _ in monitored.asked] == ["/select/-/healthy", "/select/api/v1/status/buildinfo"]


@pytest.mark.parametrize(
    ("credentials", "sent"),
    [
        ({"type": "bearer", "token": "abc"}, "Bearer abc"),
        ({"type": "basic", "username": "ann", "password": "pass:wörd"}, "Basic YW5uOnBhc3M6d8O2cmQ="),
    ],
)
async def test_credentials_are_sent_as_they_were_given(
    app: App, tenant: Tenant, monitored: Monitored, credentials: dict[str, str], sent: str
) -> None:
    await check(app, tenant, await make(app, tenant, base_url=monitored.url, credentials=credentials))
    assert monitored.asked == [("/-/healthy", sent)]


@pytest.mark.parametrize("status", [302, 401, 404, 500, 503])
async def test_what_is_wrong_is_said_in_our_words(app: App, tenant: Tenant, monitored: Monitored, status: int) -> None:
    monitored.statuses = {"/-/healthy": status}
    found = await check(app, tenant, await make(app, tenant, kind="alertmanager", base_url=monitored.url))
    assert (found["ok"], found["detail"]) == (False, f"answered with status {status}")


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("http://169.254.169.254", "This address cannot be called."),
        ("http://168.63.129.16", "This address cannot be called."),
        ("http://[::ffff:127.0.0.1]", "This address cannot be called."),
        ("http://127.0.0.1:1", "could not be reached"),
    ],
)
async def test_where_no_call_may_lead_none_does(app: App, tenant: Tenant, url: str, detail: str) -> None:
    found = await check(app, tenant, await make(app, tenant, base_url=url))
    assert (found["ok"], found["detail"]) == (False, detail)


async def test_without_a_base_url_there_is_nothing_to_test(app: App, tenant: Tenant) -> None:
    answer = await app.call("POST", f"integrations/{await make(app, tenant)}/test", token=tenant.token)
    assert (answer.status, answer.json["type"]) == (409, "/problems/no-base-url")


async def test_credentials_that_were_moved_from_another_row_are_not_sent(
    app: App, tenant: Tenant, monitored: Monitored, owner: psycopg.AsyncConnection
) -> None:
    one = await make(app, tenant, base_url=monitored.url, credentials={"type": "bearer", "token": "abc"})
    other = await make(app, tenant, base_url=monitored.url, credentials={"type": "bearer", "token": "def"})
    await owner.execute(
        "update monitoring_integrations i set credentials = o.credentials from monitoring_integrations o"
        " where o.id = %s and i.id = %s",
        (other, one),
    )
    found = await check(app, tenant, one)
    assert (found["ok"], found["detail"]) == (False, "the stored credentials cannot be read; give them again")
    assert monitored.asked == []


async def test_checks_are_remembered_and_the_last_is_shown(app: App, tenant: Tenant, monitored: Monitored) -> None:
    one = await make(app, tenant, base_url=monitored.url)
    made = [await check(app, tenant, one) for _ in range(3)]
    first = await history(app, tenant, one, "?limit=2")
    second = await history(app, tenant, one, f"?limit=2&cursor={first['next_cursor']}")
    assert first["items"] + second["items"] == made[::-1]
    assert second["next_cursor"] is None
    shown = (await app.call("GET", f"integrations/{one}", token=tenant.token)).json
    assert (shown["last_check"], shown["version"]) == (made[-1], 1)


async def test_the_timer_checks_every_tenant_s_integrations(app: App, tenant: Tenant, monitored: Monitored) -> None:
    other = await register(app)
    ours, theirs = await make(app, tenant, base_url=monitored.url), await make(app, other, base_url=monitored.url)
    nowhere = await make(app, tenant, base_url="http://169.254.169.254")
    silent, ended = await make(app, tenant), await make(app, tenant, base_url=monitored.url)
    await app.call("DELETE", f"integrations/{ended}", token=tenant.token)
    await app.tick("check_integrations")
    for who, one, expected in (
        (tenant, ours, [True]),
        (other, theirs, [True]),
        (tenant, nowhere, [False]),
        (tenant, silent, []),
        (tenant, ended, []),
    ):
        assert [found["ok"] for found in (await history(app, who, one))["items"]] == expected
    assert len(monitored.asked) == 2


async def test_no_transaction_is_open_while_an_integration_is_called(
    app: App, tenant: Tenant, monitored: Monitored, owner: psycopg.AsyncConnection
) -> None:
    open_ones: list[Any] = []

    async def look() -> None:
        found = await owner.execute(
            "select query from pg_stat_activity"
            " where datname = current_database() and state like 'idle in transaction%'"
        )
        open_ones.extend(await found.fetchall())

    monitored.meanwhile = [look]
    await check(app, tenant, await make(app, tenant, base_url=monitored.url))
    await app.tick("check_integrations")
    assert len(monitored.asked) >= 2
    assert open_ones == []


async def test_a_slow_integration_does_not_hold_up_the_others(app: App, tenant: Tenant, monitored: Monitored) -> None:
    for _ in range(5):
        await make(app, tenant, base_url=monitored.url)
    gate = asyncio.Barrier(5)
    monitored.meanwhile = [gate.wait]
    async with asyncio.timeout(10):
        await app.tick("check_integrations")
    assert len(monitored.asked) == 5
