"""Health, the API's description and its pages."""

import asyncio
import json
from dataclasses import replace

import psycopg
import pytest

from shared.platform.database import Database
from shared.platform.recent import Recent
from tests.fixtures import App, Tenant
from tests.refusing import refusing
from tests.shared.platform.offline import offline

PARTS = {"database", "redis", "queues", "tables", "realtime", "model"}


async def test_health_names_every_part_with_its_latency_and_no_address(app: App, tenant: Tenant) -> None:
    answer = await app.call("GET", "health", token=tenant.token)
    assert (answer.status, answer.json["status"]) == (200, "ok")
    assert set(answer.json["parts"]) == PARTS
    assert all(part["latency_ms"] >= 0 for part in answer.json["parts"].values())
    assert "127.0.0.1" not in answer.content.decode()


@pytest.mark.parametrize("token", ["", "sre_key_" + "0" * 32 + "_x", "sre_ingest_x", "no token at all"])
async def test_nobody_in_particular_learns_states_and_nothing_else(app: App, token: str) -> None:
    answer = await app.call("GET", "health", token=token)
    parts = answer.json["parts"]
    assert {part.pop("state") for part in parts.values()} == {"ok", "not_configured"}
    assert (answer.status, parts) == (200, {name: {"latency_ms": None} for name in PARTS})


async def test_many_who_ask_for_health_at_once_are_told_of_one_look(app: App, tenant: Tenant) -> None:
    answers = await asyncio.gather(*(app.call("GET", "health", token=tenant.token) for _ in range(5)))
    assert len({answer.content for answer in answers}) == 1


async def test_with_the_database_away_a_credential_is_no_hindrance(app: App, tenant: Tenant) -> None:
    nowhere = Database(offline())
    away = App(replace(app.runtime, database=nowhere, recent=Recent()))
    key = "sre_key_" + "0" * 32 + "_x"
    answer = await away.call("GET", "health", token=key)
    assert (answer.status, answer.json["status"]) == (200, "degraded")
    assert answer.json["parts"]["database"]["state"] == "down"
    assert (await away.call("GET", "health/ready")).status == 200
    await nowhere.close()


async def test_live_and_ready(app: App) -> None:
    assert [(await app.call("GET", f"health/{one}")).status for one in ("live", "ready")] == [200, 200]


async def test_the_pages_of_the_api_are_served_from_here(app: App) -> None:
    page = await app.call("GET", "docs")
    assert (page.status, page.media_type) == (200, "text/html")
    assert "http" not in page.content.decode().replace("http-equiv", "")
    script = await app.call("GET", "docs/swagger-ui-bundle.js")
    assert (script.status, script.media_type) == (200, "text/javascript")
    assert (await app.call("GET", "docs/..%2Fsettings.py")).status == 404
    described = await app.call("GET", "openapi.json")
    assert json.loads(described.content)["info"]["title"] == "SRE Copilot"


async def test_every_answer_carries_a_request_id_and_keeps_the_callers(app: App) -> None:
    ours = await app.call("GET", "health/live")
    theirs = await app.call("GET", "health/live", headers={"x-request-id": "their-request-1"})
    forged = await app.call("GET", "health/live", headers={"x-request-id": "a\r\nSet-Cookie: x"})
    assert len(ours.headers["X-Request-Id"]) == 32
    assert theirs.headers["X-Request-Id"] == "their-request-1"
    assert len(forged.headers["X-Request-Id"]) == 32


TRACED = {"traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01"}


async def test_a_refusal_names_the_trace_of_its_caller(app: App) -> None:
    answer = await app.call("GET", "incidents", token="sre_key_" + "0" * 32 + "_x", headers=TRACED)
    assert (answer.status, answer.json["trace_id"]) == (401, "a" * 32)


async def test_a_failure_of_ours_is_answered_without_detail_and_logged_with_it(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection, caplog: pytest.LogCaptureFixture
) -> None:
    async with refusing(owner, "services", tenant, saying="hunter2"):
        answer = await app.call("POST", "services", {"name": "checkout"}, token=tenant.token, headers=TRACED)
    assert answer.status == 500
    assert answer.json == {
        "type": "about:blank",
        "title": "Something went wrong on our side.",
        "status": 500,
        "instance": "/api/services",
        "trace_id": "a" * 32,
    }
    assert "hunter2" not in str(dict(answer.headers))
    (told,) = [one for one in caplog.records if one.getMessage() == "/api/services failed"]
    assert told.exc_info is not None
    assert "hunter2" in str(told.exc_info[1])
