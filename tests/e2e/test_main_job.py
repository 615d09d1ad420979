"""The whole product as people run it: an alert in by HTTP, an incident with hypotheses out, live."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Any
from uuid import uuid4

import httpx
import pytest
from azure.messaging.webpubsubclient import WebPubSubClient, WebPubSubClientCredential
from azure.messaging.webpubsubclient.models import CallbackType

from scripts.devstack.demo_tenant import bearer, sample_notification

pytestmark = pytest.mark.stack

SECONDS = 5  # within which an alert has become an incident with hypotheses, in a list and on a screen


@pytest.fixture
def api(stack: dict[str, Any]) -> Iterator[httpx.Client]:
    """The API as the owner of a tenant of this test's own."""
    body = {
        "email": f"{uuid4().hex[:12]}@example.com",
        "password": "a password nobody guesses",
        "name": "Olga Owner",
        "tenant_name": "Example",
    }
    made = httpx.post(f"{stack['api']}/auth/register", json=body, timeout=20).raise_for_status().json()
    with httpx.Client(base_url=stack["api"], headers=bearer(made["access_token"]), timeout=20) as client:
        yield client


@pytest.fixture
def ingest_token(api: httpx.Client) -> str:
    made = api.post("integrations", json={"kind": "alertmanager", "name": "main"}).raise_for_status()
    return str(made.json()["token"])


def within[T](seconds: float, condition: Callable[[], T]) -> T:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
    return found


def test_an_alert_becomes_an_incident_with_hypotheses_within_five_seconds(api: httpx.Client, ingest_token: str) -> None:
    posted = api.post(
        "webhooks/alertmanager", json=sample_notification(datetime.now(UTC)), headers=bearer(ingest_token)
    )
    assert posted.status_code == 202
    assert posted.json()["stored"] == "database"
    began = time.monotonic()
    (incident,) = within(SECONDS, lambda: api.get("incidents").json()["items"])
    found = within(
        SECONDS - (time.monotonic() - began), lambda: api.get(f"incidents/{incident['id']}/hypotheses").json()["items"]
    )
    assert 3 <= len(found) <= 5


def test_every_step_is_seen_live_by_the_official_client(api: httpx.Client, ingest_token: str) -> None:
    received: SimpleQueue[dict[str, Any]] = SimpleQueue()
    connected = threading.Event()
    client = WebPubSubClient(
        WebPubSubClientCredential(lambda: api.post("realtime/negotiate").raise_for_status().json()["url"])
    )

    def take(message: Any) -> None:
        data = message.data if isinstance(message.data, dict) else json.loads(message.data)
        for event in data["events"] if data["type"] == "batch" else [data]:
            received.put(event)

    client.subscribe(CallbackType.GROUP_MESSAGE, take)
    client.subscribe(CallbackType.CONNECTED, lambda _: connected.set())
    with client:
        assert connected.wait(SECONDS)
        api.post(
            "webhooks/alertmanager", json=sample_notification(datetime.now(UTC)), headers=bearer(ingest_token)
        ).raise_for_status()
        events: dict[str, dict[str, Any]] = {}
        deadline = time.monotonic() + SECONDS
        while {"incident.created", "alert.fired", "hypothesis.generated"} - set(events):
            try:
                event = received.get(timeout=max(0.01, deadline - time.monotonic()))
            except Empty:
                pytest.fail(f"only {sorted(events)} came within {SECONDS} s")
            events[event["type"]] = event
    assert sorted(event["seq"] for event in events.values()) == [1, 2, 3]
    incident = events["incident.created"]["data"]
    assert set(incident) == {"id", "title", "severity", "state", "version"}
    assert events["hypothesis.generated"]["data"]["incident_id"] == incident["id"]
    assert events["alert.fired"]["data"]["status"] == "firing"


def test_the_document_and_its_page_are_served(stack: dict[str, Any]) -> None:
    assert httpx.get(f"{stack['api']}/openapi.json", timeout=20).json()["openapi"].startswith("3.1")
    assert "swagger" in httpx.get(f"{stack['api']}/docs", timeout=20).text
