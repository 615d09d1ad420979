"""Alerts of a service, windows over it, and what became of them: for tests of what is held."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.fixtures import App, Tenant, sign_in_again


def alert(
    pod: int, starts: datetime, ends: datetime | None = None, *, service: str = "shop", group: str = ""
) -> dict[str, Any]:
    """One alert as AlertManager sends it; resolved where it has an end."""
    return {
        "status": "resolved" if ends else "firing",
        "labels": {"alertname": "Down", "service": service, "pod": f"{service}{group}-{pod}"},
        "annotations": {},
        "startsAt": starts.isoformat(),
        "endsAt": ends.isoformat() if ends else "0001-01-01T00:00:00Z",
    }


async def post(app: App, tenant: Tenant, *alerts: dict[str, Any], group: str = "") -> None:
    """Deliver alerts in one notification, and let the machine do what follows."""
    body = {"version": "4", "alerts": list(alerts), "groupLabels": {"alertname": "Down", "group": group}}
    answer = await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    assert answer.json["stored"] == "database"


async def plan(app: App, tenant: Tenant, starts: datetime, minutes: float, **said: Any) -> dict[str, Any]:
    """Plan a maintenance window over the service."""
    body = {
        "title": "a change of disks",
        "matchers": [{"label": "service", "operator": "=~", "value": "sh.p"}],
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(minutes=minutes)).isoformat(),
        **said,
    }
    answer = await app.call("POST", "maintenance-windows", body, token=tenant.token)
    assert answer.status == 201, answer.json
    made: dict[str, Any] = answer.json
    return made


async def sweep(app: App) -> None:
    """Let the timers run, and the queues after them."""
    await app.tick("queue_due_alerts")
    await app.tick("queue_due_incidents")
    await app.carry()


async def listed(app: App, tenant: Tenant, path: str) -> Sequence[dict[str, Any]]:
    """Return the items of a list, oldest first."""
    found = await app.call("GET", path, token=(await sign_in_again(app, tenant)).token)
    items: list[dict[str, Any]] = found.json["items"]
    return items[::-1]


async def incidents(app: App, tenant: Tenant) -> list[tuple[str, int]]:
    """Return state and number of alerts of each incident."""
    return [(one["state"], one["alert_count"]) for one in await listed(app, tenant, "incidents")]


async def held(app: App, tenant: Tenant) -> list[str]:
    """Return why each held alert is held."""
    return [one["held"]["reason"] for one in await listed(app, tenant, "alerts?held=true")]
