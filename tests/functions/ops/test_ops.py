"""Health, the API's description and its pages."""

import json

from tests.fixtures import App


async def test_health_names_every_part_with_its_latency_and_no_address(app: App) -> None:
    answer = await app.call("GET", "health")
    assert (answer.status, answer.json["status"]) == (200, "ok")
    assert set(answer.json["parts"]) == {"database", "redis", "queues", "tables", "realtime", "model"}
    assert all(part["latency_ms"] >= 0 for part in answer.json["parts"].values())
    assert "127.0.0.1" not in answer.content.decode()


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


async def test_a_failure_of_ours_is_answered_without_detail(app: App) -> None:
    await app.runtime.database.close()
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    answer = await app.call("GET", "incidents", token="sre_key_" + "0" * 32 + "_x", headers={"traceparent": trace})
    assert answer.status == 401
    assert answer.json["trace_id"] == "a" * 32
