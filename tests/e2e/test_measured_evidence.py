"""A real Prometheus reads the queries that we write, and is asked about the onset of a real alert."""

import time
from typing import Any

import httpx
import psycopg
import pytest

from scripts.devstack.demo_tenant import bearer
from shared.hypotheses.knowledge.queries import MEASURES
from tests.e2e.test_monitoring import TIMEOUT, await_state, fire_timer, shorten_quiet_period

pytestmark = pytest.mark.monitoring

HISTORY = 75  # seconds of health: a course of a few points, nine seconds apart

POOL = ("connection pool usage", "ConnectionPoolExhausted by its own expression")


def test_prometheus_understands_every_query_that_we_know(monitoring: dict[str, str]) -> None:
    for measure in MEASURES:
        asked = {"query": measure.query('service="check\\"out"')}
        answer = httpx.get(f"{monitoring['prometheus']}/api/v1/query", params=asked, timeout=20)
        assert answer.status_code == 200, (measure.title, answer.text)


def await_health(prometheus: str) -> None:
    """Return once Prometheus has seen the workload well for as long as a baseline takes."""
    alerts = f'absent_over_time(ALERTS{{service="checkout", kind="composite"}}[{HISTORY}s])'
    healthy = f'{alerts} and on() (count_over_time(up{{job="checkout"}}[{HISTORY}s]) > {HISTORY // 2})'
    deadline = time.monotonic() + HISTORY + TIMEOUT
    while not httpx.get(f"{prometheus}/api/v1/query", params={"query": healthy}).json()["data"]["result"]:
        assert time.monotonic() < deadline, "the workload does not recover"
        time.sleep(1)


def never_reopen(stack: dict[str, Any]) -> None:
    """A problem that comes back is a new incident, with an onset of its own."""
    with psycopg.connect(stack["owner_database_url"]) as connection:
        connection.execute(
            """update projects set policies = policies || '{"reopen_window": 1}' where id = %s""",
            (stack["project_id"],),
        )


def measured(stack: dict[str, Any], incident_id: str) -> list[dict[str, Any]]:
    """What hypotheses cite of measures, once somebody has asked for a new analysis."""
    path, headers = f"{stack['api']}/incidents/{incident_id}/hypotheses", bearer(stack["api_key"])
    httpx.post(path, json={"refresh": True}, headers=headers, timeout=20)
    found = httpx.get(path, headers=headers, timeout=20).raise_for_status().json()
    return [one for item in found["items"] for one in item["evidence"] if one["query"]]


def test_hypotheses_cite_what_prometheus_measured(stack: dict[str, Any], monitoring: dict[str, str]) -> None:
    shorten_quiet_period(stack)
    httpx.post(f"{monitoring['workload']}/heal").raise_for_status()
    never_reopen(stack)
    await_health(monitoring["prometheus"])
    fire_timer(stack, "queue_due_incidents")  # resolves what the stack began with, if it began with an alert
    httpx.post(f"{monitoring['workload']}/fail").raise_for_status()
    incident = await_state(stack, "detected")
    deadline = time.monotonic() + 2 * TIMEOUT
    while not (cited := [one for one in measured(stack, incident["id"]) if one["text"].startswith(POOL)]):
        assert time.monotonic() < deadline, "no measure of the pool is cited"
        time.sleep(5)  # between two analyses
    assert all(one["series"]["points"] for one in cited)
