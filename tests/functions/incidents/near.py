"""Incidents on services, opened as an AlertManager would."""

from typing import Any

from tests.fixtures import App, Tenant


async def fire(app: App, tenant: Tenant, service: str, **labels: str) -> Any:
    """Post one alert about a service and return the incident that it opened or joined."""
    said = {"alertname": "Down", "service": service, "severity": "high", **labels}
    summary = {"summary": f"{service} is down"}
    alert = {"status": "firing", "labels": said, "annotations": summary, "startsAt": "2026-11-20T10:00:00Z"}
    group = {"service": service, "alertname": said["alertname"]}
    body = {"version": "4", "alerts": [alert], "groupLabels": group}
    answer = await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    assert answer.status == 202, answer.content
    items = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    return next(one for one in items if one["service_name"] == service)
