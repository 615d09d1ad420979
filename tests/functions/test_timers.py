"""What a timer cannot do for one tenant spares the others."""

import psycopg
import pytest

from tests.fixtures import App, StoppedClock, Tenant, opened, payload, register
from tests.held import alert, plan, post
from tests.refusing import refusing

# What each timer writes for an incident that was mitigated ten minutes ago.
WRITES = {"queue_due_incidents": "incidents", "gather_facts": "incident_facts"}
DONE = {
    "queue_due_incidents": "select 1 from event_log where tenant_id = %s and type = 'incident.quiet'",
    "gather_facts": "select 1 from incident_facts where tenant_id = %s",
}


@pytest.mark.parametrize("timer", WRITES)
async def test_what_fails_for_one_tenant_is_done_for_the_others(
    app: App, clock: StoppedClock, tenant: Tenant, owner: psycopg.AsyncConnection, timer: str
) -> None:
    other = await register(app)
    for one in (tenant, other):
        await opened(app, one)
        await app.call("POST", "webhooks/alertmanager", payload("alertmanager-resolved"), token=one.ingest_token)
        await app.carry()
    clock.advance(minutes=10)
    async with refusing(owner, WRITES[timer], tenant):
        await app.tick(timer)
    found = [await (await owner.execute(DONE[timer], (one.tenant_id,))).fetchall() for one in (tenant, other)]
    assert [bool(rows) for rows in found] == [False, True]


async def test_held_alerts_that_fail_for_one_tenant_are_released_for_the_others(
    app: App, clock: StoppedClock, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    first, last = sorted((tenant, await register(app)), key=lambda one: one.tenant_id)
    for one in (first, last):
        await plan(app, one, clock.now(), 60)
        await post(app, one, alert(1, clock.now()))
    clock.advance(minutes=60)
    async with refusing(owner, "event_log", first):
        await app.tick("queue_due_alerts")
    query = "select 1 from event_log where tenant_id = %s and type = 'alerts.due'"
    found = [await (await owner.execute(query, (one.tenant_id,))).fetchall() for one in (first, last)]
    assert [bool(rows) for rows in found] == [False, True]
