import time
from typing import Any

import httpx
import pytest

from scripts.devstack.demo_tenant import bearer

pytestmark = pytest.mark.monitoring

TIMEOUT = 60  # seconds; scrape, rule, group wait and the product take about ten together


def state_of_newest_incident(stack: dict[str, Any]) -> str | None:
    answer = httpx.get(f"{stack['api']}/incidents", headers=bearer(stack["api_key"]), timeout=20).raise_for_status()
    items = answer.json()["items"]
    return str(items[0]["state"]) if items else None


def await_state(stack: dict[str, Any], *states: str) -> None:
    deadline = time.monotonic() + TIMEOUT
    while (found := state_of_newest_incident(stack)) not in states:
        assert time.monotonic() < deadline, f"{found}, not one of {states}, after {TIMEOUT} s"
        time.sleep(0.5)


def test_a_failing_workload_opens_an_incident_that_its_recovery_mitigates(
    stack: dict[str, Any], monitoring: dict[str, str]
) -> None:
    httpx.post(f"{monitoring['workload']}/fail").raise_for_status()
    await_state(stack, "detected", "acknowledged", "investigating")

    httpx.post(f"{monitoring['workload']}/heal").raise_for_status()
    await_state(stack, "mitigated", "resolved")
