"""Every captured body gives the right alerts, and posting it again changes nothing."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.platform.settings import IngestMode
from tests.fixtures import App, DatabaseUrls, Tenant, payload

# name → (route, alerts stored, of them with an incident, incidents)
PAYLOADS = {
    "alertmanager-firing": ("alertmanager", 1, 1, 1),
    "alertmanager-firing-0.33.synthetic": ("alertmanager", 1, 1, 1),
    "alertmanager-resolved": ("alertmanager", 1, 0, 0),
    "alertmanager-grouped-20-amtool": ("alertmanager", 20, 20, 1),
    "alertmanager-grouped-20-prometheus-firing": ("alertmanager", 20, 20, 1),
    "alertmanager-grouped-20-prometheus-resolved": ("alertmanager", 20, 0, 0),
    "alertmanager-mixed-2firing-1resolved": ("alertmanager", 3, 2, 1),
    "alertmanager-truncated-max5-of-12": ("alertmanager", 5, 5, 1),
    "grafana-firing.synthetic": ("grafana", 2, 2, 1),
    "grafana-resolved.synthetic": ("grafana", 2, 0, 0),
    "grafana-mixed.synthetic": ("grafana", 2, 1, 1),
    "grafana-nodata.synthetic": ("grafana", 1, 1, 1),
    "prometheus-native-v2-firing.captured": ("prometheus/api/v2/alerts", 1, 0, 0),  # its end has passed since
    "prometheus-native-v2-resolved.captured": ("prometheus/api/v2/alerts", 1, 0, 0),
    "prometheus-native-v2.synthetic": ("prometheus/api/v2/alerts", 3, 1, 1),
}


def rows(urls: DatabaseUrls, tenant: Tenant) -> dict[str, list[Any]]:
    """Every row of the tenant that an alert can touch, as the owner sees it."""
    with psycopg.connect(urls.owner) as connection:
        return {
            table: connection.execute(
                f"select to_jsonb(t) from {table} t where tenant_id = %s order by 1", (tenant.tenant_id,)
            ).fetchall()
            for table in ("alerts", "incidents", "event_log", "analysis_steps", "dead_letters", "project_counters")
        }


@pytest.mark.parametrize("name", PAYLOADS)
async def test_a_body_gives_the_right_alerts_and_twice_is_once(
    app: App, tenant: Tenant, database_urls: DatabaseUrls, name: str
) -> None:
    route, alerts, firing, incidents = PAYLOADS[name]
    answer = await app.call("POST", f"webhooks/{route}", payload(name), token=tenant.ingest_token)
    assert answer.status == 202
    assert (answer.json["accepted"], answer.json["rejected"], answer.json["stored"]) == (alerts, 0, "database")

    stored = rows(database_urls, tenant)
    assert len(stored["alerts"]) == alerts
    assert sum(row[0]["incident_id"] is not None for row in stored["alerts"]) == firing
    assert len(stored["incidents"]) == incidents

    again = await app.call("POST", f"webhooks/{route}", payload(name), token=tenant.ingest_token)
    assert (again.status, again.json["accepted"]) == (202, alerts)
    assert rows(database_urls, tenant) == stored


async def test_grafana_s_links_are_kept_beside_its_annotations(app: App, tenant: Tenant) -> None:
    await app.call("POST", "webhooks/grafana", payload("grafana-firing.synthetic"), token=tenant.ingest_token)
    (one, _) = (await app.call("GET", "alerts", token=tenant.token)).json["items"]
    links = {name: one["annotations"][name] for name in ("dashboard_url", "panel_url", "silence_url")}
    assert all(link.startswith("https://grafana.example.com/") for link in links.values())
    assert one["annotations"]["runbook_url"] == "https://runbooks.example.com/checkout/latency"


@pytest.fixture
async def queueing(app: App) -> App:
    """The same app, on an instance that sends every webhook through the queue first."""
    settings = app.runtime.settings.model_copy(update={"ingest_mode": IngestMode.QUEUE})
    return App(replace(app.runtime, settings=settings))


@pytest.mark.xdist_group("queues")
@pytest.mark.parametrize("name", PAYLOADS)
async def test_a_body_that_goes_through_the_queue_ends_alike(
    app: App, queueing: App, tenant: Tenant, database_urls: DatabaseUrls, name: str
) -> None:
    route, alerts, firing, incidents = PAYLOADS[name]
    answer = await queueing.call("POST", f"webhooks/{route}", payload(name), token=tenant.ingest_token)
    assert (answer.status, answer.json["accepted"], answer.json["stored"]) == (202, alerts, "queue")
    assert rows(database_urls, tenant)["alerts"] == []
    await app.deliver()
    stored = rows(database_urls, tenant)
    assert len(stored["alerts"]) == alerts
    assert sum(row[0]["incident_id"] is not None for row in stored["alerts"]) == firing
    assert len(stored["incidents"]) == incidents


def test_every_captured_body_is_tried() -> None:
    folder = Path(__file__).parents[2] / "data" / "payloads"
    assert {path.stem for path in folder.glob("*.json")} == set(PAYLOADS)


async def test_a_truncated_notification_says_on_its_incident_how_many_alerts_are_missing(
    app: App, tenant: Tenant
) -> None:
    await app.call(
        "POST", "webhooks/alertmanager", payload("alertmanager-truncated-max5-of-12"), token=tenant.ingest_token
    )
    (incident,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    assert (incident["alert_count"], incident["truncated_alerts"]) == (5, 7)


async def test_both_ways_of_prometheus_make_one_incident(app: App, tenant: Tenant) -> None:
    """AlertManager groups by name and service here, and so do we for Prometheus itself, which does not group."""
    native = [alert | {"endsAt": "2099-01-01T00:00:00Z"} for alert in payload("prometheus-native-v2-firing.captured")]
    await app.call("POST", "webhooks/prometheus/api/v2/alerts", native, token=tenant.ingest_token)
    await app.call("POST", "webhooks/alertmanager", payload("alertmanager-firing"), token=tenant.ingest_token)
    (incident,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    assert incident["alert_count"] == 1
