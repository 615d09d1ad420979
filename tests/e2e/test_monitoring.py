"""Real Prometheus, real AlertManager: a metric crosses a threshold and comes back."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from scripts.devstack.demo_tenant import bearer

pytestmark = pytest.mark.monitoring

TIMEOUT = 60  # seconds; scrape, rule, group wait and the product take about ten together


def newest_incident(stack: dict[str, Any]) -> dict[str, Any]:
    answer = httpx.get(f"{stack['api']}/incidents", headers=bearer(stack["api_key"]), timeout=20).raise_for_status()
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
