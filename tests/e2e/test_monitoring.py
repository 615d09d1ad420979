"""Real Prometheus, real AlertManager: a metric crosses a threshold and comes back."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from scripts.devstack.demo_tenant import PROMETHEUS, DemoTenant, bearer, ensure_prometheus
from tests.shipped_monitoring import dashboard_expressions, rules

pytestmark = pytest.mark.monitoring

TIMEOUT = 60  # seconds; scrape, rule, group wait and the product take about ten together


def newest_incident(stack: dict[str, Any]) -> dict[str, Any]:
    """Of the workload: Prometheus watches the product too, and may have something to say of it."""
    url = f"{stack['api']}/incidents?service=checkout&limit=1"
    answer = httpx.get(url, headers=bearer(stack["api_key"]), timeout=20).raise_for_status()
    items = answer.json()["items"]
    return dict(items[0]) if items else {"state": None}


def await_state(stack: dict[str, Any], state: str, *, nudge: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """The newest incident, once it is in `state`; `nudge` is called before each look."""
    deadline = time.monotonic() + TIMEOUT
    while (found := newest_incident(stack))["state"] != state:
        assert time.monotonic() < deadline, f"{found['state']}, not {state}, after {TIMEOUT} s"
        nudge()
        time.sleep(0.5)
    return found


def shorten_quiet_period(stack: dict[str, Any]) -> None:
    """Ten minutes are right for people and long for a test."""
    with psycopg.connect(stack["owner_database_url"]) as connection:
        connection.execute(
            """update projects set policies = policies || '{"quiet_period": 1}' where id = %s""", (stack["project_id"],)
        )


def fire_timer(stack: dict[str, Any], function: str) -> None:
    """Let a timer run now, by the host's admin API, instead of waiting for its minute."""
    parts = urlsplit(stack["api"])
    url = f"{parts.scheme}://{parts.netloc}/admin/functions/{function}"
    assert httpx.post(url, json={"input": ""}).status_code == 202


def test_a_failing_workload_opens_an_incident_and_its_recovery_mitigates_and_resolves_it(
    stack: dict[str, Any], monitoring: dict[str, str]
) -> None:
    shorten_quiet_period(stack)
    httpx.post(f"{monitoring['workload']}/fail").raise_for_status()
    incident = await_state(stack, "detected")
    assert incident["severity"] in {"high", "critical"}  # as the first alert, or both, say

    httpx.post(f"{monitoring['workload']}/heal").raise_for_status()
    assert await_state(stack, "mitigated")["id"] == incident["id"]
    resolved = await_state(stack, "resolved", nudge=lambda: fire_timer(stack, "queue_due_incidents"))
    assert resolved["id"] == incident["id"]


def ask(monitoring: dict[str, str], path: str, **asked: str) -> Any:
    answer = httpx.get(f"{monitoring['prometheus']}/api/v1/{path}", params=asked, timeout=20)
    assert answer.status_code == 200, (asked, answer.text)
    return answer.json()["data"]


def awaited[Found](look: Callable[[], Found]) -> Found:
    deadline = time.monotonic() + TIMEOUT
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    return found


def test_prometheus_scrapes_the_product_and_evaluates_every_rule(monitoring: dict[str, str]) -> None:
    awaited(lambda: ask(monitoring, "query", query='up{job="sre-copilot"} == 1'))

    def evaluated() -> list[dict[str, Any]]:
        found = [rule for group in ask(monitoring, "rules")["groups"] for rule in group["rules"]]
        return found if all(rule["health"] != "unknown" for rule in found) else []

    followed = awaited(evaluated)
    assert [(rule["name"], rule["lastError"]) for rule in followed if rule["health"] != "ok"] == []
    assert {rule["name"] for rule in followed} == {rule.get("alert") or rule["record"] for rule in rules()}


def test_prometheus_evaluates_every_query_of_the_dashboards(monitoring: dict[str, str]) -> None:
    awaited(lambda: ask(monitoring, "query", query="srecopilot_processes"))
    found = {title: ask(monitoring, "query", query=query)["result"] for title, query in dashboard_expressions()}
    # Of what is counted there may be nothing yet; gauges always say something.
    assert found["pipeline-health: Messages"]
    assert found["incidents: Open by severity"]
    assert found["ai-cost: The fullest budget"]
    assert found["service-overview: Processes"]


def test_the_demo_tenant_asks_the_prometheus_of_this_run(stack: dict[str, Any], monitoring: dict[str, str]) -> None:
    def known() -> list[str]:
        answer = httpx.get(f"{stack['api']}/integrations", headers=bearer(stack["api_key"]), timeout=20)
        return [one["base_url"] for one in answer.json()["items"] if one["name"] == PROMETHEUS]

    assert known() == [monitoring["prometheus"]]
    names = ("email", "password", "project_id", "ingest_token", "api_key")
    tenant = DemoTenant(**{name: stack[name] for name in names})
    ensure_prometheus(stack["api"], tenant, "http://127.0.0.1:9")
    assert known() == ["http://127.0.0.1:9"]
    ensure_prometheus(stack["api"], tenant, monitoring["prometheus"])
    assert known() == [monitoring["prometheus"]]
