"""Two host processes behind one address: metrics add up to exactly what was sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientSession, TCPConnector
from prometheus_client.parser import text_string_to_metric_families

from infra.migrations.roles import APP, SYSTEM
from scripts.devstack.demo_tenant import bearer
from scripts.devstack.environment import Addresses, app_settings, preferences
from scripts.devstack.ports import HOST, free_port
from scripts.devstack.redis import launch_redis
from scripts.devstack.stack import launch_functions_host, launch_webpubsub
from scripts.devstack.state import State
from shared.platform.settings import Settings
from tests.fixtures import PASSWORD, ROLE_PASSWORD, DatabaseUrls
from tests.waiting import eventually

pytestmark = pytest.mark.stack

START = 120  # seconds
PATIENCE = 60  # seconds; a scrape may be five old
ALERTS = 41


@dataclass(frozen=True)
class Deployment:
    """Two hosts behind one address; each new connection goes to the other one."""

    http: ClientSession
    scraper: dict[str, str]

    async def send(self, path: str, body: Any, token: str = "") -> Any:
        async with self.http.post(path, json=body, headers=bearer(token) if token else {}) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def scrape(self) -> dict[str, list[tuple[dict[str, str], float]]]:
        async with self.http.get("metrics", headers=self.scraper) as answer:
            text = await answer.text()
            assert answer.status == 200, text
        found: dict[str, list[tuple[dict[str, str], float]]] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                found.setdefault(sample.name, []).append((sample.labels, sample.value))
        return found

    async def value(self, name: str, **labels: str) -> float:
        found = (await self.scrape()).get(f"srecopilot_{name}", [])
        return sum(value for given, value in found if given.items() >= labels.items())


async def share(ports: list[int], stack: AsyncExitStack) -> int:
    """Open one port in front of others, which take connections in turn."""
    turns = cycle(ports)

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection(HOST, next(turns))
        await asyncio.gather(pump(reader, to_writer), pump(to_reader, writer), return_exceptions=True)

    async def end() -> None:
        server.close()
        server.abort_clients()
        await server.wait_closed()

    server = await asyncio.start_server(carry, HOST, 0)
    stack.push_async_callback(end)
    return int(server.sockets[0].getsockname()[1])


@pytest.fixture
async def deployment(
    settings: Settings, database_urls: DatabaseUrls, storage: str, tmp_path: Path
) -> AsyncIterator[Deployment]:
    """Of its own Redis, where nobody else counts; `settings` has provisioned the storage."""
    async with AsyncExitStack() as stack:
        state, ports = State.open(tmp_path / "services"), [free_port(), free_port()]
        shared = await share(ports, stack)
        redis = launch_redis(state, durable=False)
        stack.callback(redis.stop)
        live = launch_webpubsub(state, redis.await_ready().url, events=f"http://{HOST}:{shared}/api/realtime/events")
        stack.callback(live.stop)
        addresses = Addresses(
            owner_database=database_urls.owner, redis=redis.url, storage=storage, webpubsub=live.await_ready().url
        )

        def secret(name: str) -> str:
            return ROLE_PASSWORD if name in {APP, SYSTEM} else state.secret(name)

        given = {**preferences({}), **app_settings(addresses, port=shared, secret=secret)}
        hosts = [launch_functions_host(State.open(tmp_path / f"host-{port}"), given, port=port) for port in ports]
        for host in hosts:
            stack.callback(host.stop)
        for host in hosts:
            await asyncio.to_thread(host.await_ready, START)
        http = await stack.enter_async_context(
            ClientSession(f"http://{HOST}:{shared}/api/", connector=TCPConnector(force_close=True))
        )
        yield Deployment(http, bearer(given["METRICS_TOKEN"]))


async def test_metrics_of_two_hosts_add_up_to_exactly_what_was_sent(deployment: Deployment) -> None:
    body = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD, "name": "Ann", "tenant_name": "Example"}
    token = (await deployment.send("auth/register", body))["access_token"]
    sender = (await deployment.send("integrations", {"kind": "generic", "name": "x"}, token))["token"]
    for number in range(ALERTS):
        await deployment.send("webhooks/alerts", {"name": "Broken", "id": f"{number}"}, sender)

    async def is_right() -> bool:
        return (
            await deployment.value("http_requests_total", route="webhooks/alerts", code="202") == ALERTS
            and await deployment.value("http_request_duration_seconds_count", route="webhooks/alerts") == ALERTS
            and await deployment.value("ingest_alerts_total", result="new") == ALERTS
        )

    await eventually(is_right, seconds=PATIENCE)
    assert await deployment.value("processes") == 2


async def test_live_connections_are_counted_while_they_last(deployment: Deployment) -> None:
    body = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD, "name": "Ann", "tenant_name": "Example"}
    token = (await deployment.send("auth/register", body))["access_token"]
    url = (await deployment.send("realtime/negotiate", {}, token))["url"]

    async def is_counted(number: int) -> bool:
        return await deployment.value("realtime_connections") == number

    async with ClientSession() as http, http.ws_connect(url, protocols=["json.webpubsub.azure.v1"]):
        await eventually(lambda: is_counted(1), seconds=PATIENCE)
    await eventually(lambda: is_counted(0), seconds=PATIENCE)
