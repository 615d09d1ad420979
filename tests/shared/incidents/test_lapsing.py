"""Alerts that say until when they fire: repeated they fire on, and otherwise they are over."""

from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.fixtures import App, StoppedClock, Tenant, sign_in_again

LABELS = {"alertname": "Down", "service": "shop", "severity": "page"}


def native(clock: StoppedClock, *, ends: float, began: datetime, **labels: str) -> dict[str, Any]:
    """An alert as Prometheus posts it, whose end is so many minutes ahead."""
    return {
        "labels": {**LABELS, **labels},
        "startsAt": began.isoformat(),
        "endsAt": (clock.now() + timedelta(minutes=ends)).isoformat(),
    }


async def post(app: App, tenant: Tenant, *alerts: dict[str, Any]) -> None:
    answer = await app.call("POST", "webhooks/prometheus/api/v2/alerts", list(alerts), token=tenant.ingest_token)
    assert (answer.status, answer.json["accepted"]) == (202, len(alerts))


async def incidents(app: App, tenant: Tenant) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    return found


async def expire(app: App) -> None:
    await app.tick("expire_alerts")
    await app.carry()


@pytest.fixture
def began(clock: StoppedClock) -> datetime:
    return clock.now() - timedelta(minutes=1)


async def test_an_alert_that_nobody_repeats_is_over_at_its_end(
    app: App, tenant: Tenant, clock: StoppedClock, began: datetime
) -> None:
    await post(app, tenant, native(clock, ends=4, began=began))
    clock.advance(minutes=3)
    await expire(app)
    assert [(one["state"], one["firing_count"]) for one in await incidents(app, tenant)] == [("detected", 1)]
    clock.advance(minutes=2)
    await expire(app)
    (incident,) = await incidents(app, tenant)
    assert (incident["state"], incident["firing_count"]) == ("mitigated", 0)
    (alert,) = (await app.call("GET", f"incidents/{incident['id']}/alerts", token=tenant.token)).json["items"]
    assert alert["status"] == "resolved"
    assert alert["lapsed_at"] is not None
    timeline = (await app.call("GET", f"incidents/{incident['id']}/timeline", token=tenant.token)).json["items"]
    assert "nobody repeated it" in next(one["note"] for one in timeline if one["type"] == "alert.resolved")


async def test_whoever_repeats_an_alert_puts_its_end_off(
    app: App, tenant: Tenant, clock: StoppedClock, began: datetime
) -> None:
    early, late = native(clock, ends=4, began=began), native(clock, ends=8, began=began)
    await post(app, tenant, late)
    await post(app, tenant, early)  # came late: the greater end counts, in any order
    clock.advance(minutes=5)
    await expire(app)
    assert [one["firing_count"] for one in await incidents(app, tenant)] == [1]


async def test_once_its_sender_said_that_it_is_over_nothing_expires(
    app: App, tenant: Tenant, clock: StoppedClock, began: datetime
) -> None:
    await post(app, tenant, native(clock, ends=4, began=began))
    await post(app, tenant, native(clock, ends=-0.1, began=began))
    await app.carry()
    clock.advance(minutes=5)
    await expire(app)
    (incident,) = await incidents(app, tenant)
    (alert,) = (await app.call("GET", f"incidents/{incident['id']}/alerts", token=tenant.token)).json["items"]
    assert (alert["status"], alert["lapsed_at"]) == ("resolved", None)


async def test_an_alert_that_is_repeated_after_all_fires_again_where_it_was(
    app: App, tenant: Tenant, clock: StoppedClock, began: datetime, owner: psycopg.AsyncConnection
) -> None:
    await post(app, tenant, native(clock, ends=4, began=began))
    clock.advance(minutes=5)
    await expire(app)
    again = native(clock, ends=4, began=began)
    for _ in range(2):
        await post(app, tenant, again)
    await app.carry()
    (incident,) = await incidents(app, tenant)
    assert (incident["state"], incident["alert_count"], incident["firing_count"]) == ("investigating", 1, 1)
    counted = await owner.execute(
        "select type, count(*) from event_log where tenant_id = %s and type like 'alert.%%' group by 1 order by 1",
        (tenant.tenant_id,),
    )
    assert await counted.fetchall() == [("alert.fired", 2), ("alert.resolved", 1)]
    await post(app, tenant, native(clock, ends=-0.1, began=began))
    await app.carry()
    assert [one["state"] for one in await incidents(app, tenant)] == ["mitigated"]


async def test_long_after_its_incident_was_resolved_it_opens_another(
    app: App, tenant: Tenant, clock: StoppedClock, began: datetime
) -> None:
    await post(app, tenant, native(clock, ends=4, began=began))
    clock.advance(minutes=5)
    await expire(app)
    (old,) = await incidents(app, tenant)
    resolved = await app.call("POST", f"incidents/{old['id']}/transitions", {"to": "resolved"}, token=tenant.token)
    assert resolved.status == 200
    clock.advance(hours=2)
    tenant = await sign_in_again(app, tenant)
    await post(app, tenant, native(clock, ends=4, began=began))
    await app.carry()
    found = [(one["state"], one["firing_count"]) for one in await incidents(app, tenant)]
    assert found == [("detected", 1), ("resolved", 0)]


async def test_a_hundred_expire_at_once_and_none_twice(
    app: App, tenant: Tenant, clock: StoppedClock, began: datetime, owner: psycopg.AsyncConnection
) -> None:
    await post(app, tenant, *(native(clock, ends=4, began=began, pod=f"p{n}") for n in range(100)))
    clock.advance(minutes=5)
    await expire(app)
    await expire(app)
    counted = await owner.execute(
        "select count(*) from event_log where tenant_id = %s and type = 'alert.resolved'", (tenant.tenant_id,)
    )
    assert await counted.fetchone() == (100,)
