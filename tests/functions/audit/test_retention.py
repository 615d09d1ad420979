"""The audit is kept as long as the tenant says, and no longer."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from shared.audit.retention import Expired, expire
from shared.audit.seals import seal_next
from shared.kernel.values import TenantId
from tests.fixtures import App, StoppedClock, Tenant, opened, payload, sign_in_again
from tests.functions.audit.audited import id_of, stored, table_of


async def aged(app: App, clock: StoppedClock, tenant: Tenant, *, days: int, seal: bool = True) -> Tenant:
    """Let days go by after some calls and changes, sealed where `seal` says so."""
    await app.call("PATCH", "tenant", {"audit_retention_days": 30}, token=tenant.token)
    await opened(app, tenant)
    await app.carry()
    await stored(app)
    clock.advance(days=2)
    while seal and await seal_next(app.runtime, id_of(tenant)):
        pass
    clock.advance(days=days - 2)
    return await sign_in_again(app, tenant)


async def calls_of(app: App, tenant: Tenant) -> list[dict[str, Any]]:
    partitions = f"PartitionKey ge '{tenant.tenant_id}_' and PartitionKey lt '{tenant.tenant_id}_9'"
    async with table_of(app) as table:
        return [dict(row) async for row in table.query_entities(partitions)]


async def events_of(owner: psycopg.AsyncConnection, tenant: Tenant) -> list[tuple[str, bool]]:
    found = await owner.execute(
        "select type, incident_id is not null from event_log where tenant_id = %s", (tenant.tenant_id,)
    )
    return await found.fetchall()


async def test_what_was_kept_long_enough_goes_and_timelines_stay(
    app: App, clock: StoppedClock, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    again = await aged(app, clock, tenant, days=40)
    before = await events_of(owner, tenant)
    done = await expire(app.runtime, [id_of(tenant)])
    assert (done.calls > 0, done.changes > 0) == (True, True)
    assert await calls_of(app, tenant) == []
    assert await events_of(owner, tenant) == [one for one in before if one[1]]
    assert ("incident.created", True) in await events_of(owner, tenant)
    incident = (await app.call("GET", "incidents", token=again.token)).json["items"][0]
    timeline = await app.call("GET", f"incidents/{incident['id']}/timeline", token=again.token)
    assert "incident.created" in {one["type"] for one in timeline.json["items"]}


async def test_all_that_is_due_goes_in_one_run_however_many_steps_that_takes(
    app: App, clock: StoppedClock, tenant: Tenant
) -> None:
    await aged(app, clock, tenant, days=40)
    kept_from = f"{tenant.tenant_id}_{clock.now() - timedelta(days=30):%Y%m%d}"
    count = len([row for row in await calls_of(app, tenant) if row["PartitionKey"] < kept_from])
    done = await expire(app.runtime, [id_of(tenant)], step_calls=1)
    assert (done.calls, count > 2) == (count, True)


async def test_nobody_s_calls_go_in_one_run_too(app: App, clock: StoppedClock) -> None:
    """They are kept for a year."""
    for _ in range(5):
        await app.call("GET", "health/live")
    await stored(app)
    clock.advance(days=367)
    assert (await expire(app.runtime, [None], step_calls=2)).calls >= 5
    async with table_of(app) as table:
        kept_from = f"anonymous_{clock.now() - timedelta(days=365):%Y%m%d}"
        older = table.query_entities(f"PartitionKey ge 'anonymous_2' and PartitionKey lt '{kept_from}'")
        assert [row async for row in older] == []


async def test_when_the_time_is_over_the_next_run_goes_on(app: App, clock: StoppedClock, tenant: Tenant) -> None:
    await aged(app, clock, tenant, days=40)
    assert await expire(app.runtime, [id_of(tenant)], seconds=0) == Expired()
    assert await expire(app.runtime, [id_of(tenant)]) != Expired()


async def test_who_cannot_be_served_spares_the_others(app: App, clock: StoppedClock, tenant: Tenant) -> None:
    """There is no tenant of the first id."""
    await aged(app, clock, tenant, days=40)
    assert (await expire(app.runtime, [TenantId(uuid4()), id_of(tenant)])).calls > 0


async def test_what_stood_on_the_timeline_of_a_purged_incident_goes_with_the_rest(
    app: App, clock: StoppedClock, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    await app.call("PATCH", "tenant", {"incident_retention_days": 30}, token=tenant.token)
    incident = await opened(app, tenant)
    await app.call("POST", "webhooks/alertmanager", payload("alertmanager-resolved"), token=tenant.ingest_token)
    closing = {"to": "resolved", "note": "fixed"}
    await app.call("POST", f"incidents/{incident['id']}/transitions", closing, token=tenant.token)
    await app.call("POST", "incidents", {"title": "Stays", "severity": "low"}, token=tenant.token)
    await aged(app, clock, tenant, days=40)
    await app.tick("purge_incidents")
    await expire(app.runtime, [id_of(tenant)])
    found = await owner.execute(
        "select distinct i.number from event_log e left join incidents i on i.id = e.incident_id"
        " where e.tenant_id = %s and e.incident_id is not null",
        (tenant.tenant_id,),
    )
    assert await found.fetchall() == [(2,)]


async def test_seals_stay_and_their_days_count_as_expired(app: App, clock: StoppedClock, tenant: Tenant) -> None:
    day = clock.now().date()
    again = await aged(app, clock, tenant, days=40)
    await expire(app.runtime, [id_of(tenant)])
    found = (await app.call("GET", f"audit/verify?from={day}", token=again.token)).json
    assert (found["intact"], found["verified"]) == (True, 0)
    assert found["expired"] >= 1


@pytest.mark.parametrize("days", [29, 20])
async def test_what_is_younger_stays(app: App, clock: StoppedClock, tenant: Tenant, days: int) -> None:
    await aged(app, clock, tenant, days=days)
    done = await expire(app.runtime, [id_of(tenant)])
    assert (done.calls, done.changes) == (0, 0)


async def test_what_is_not_sealed_stays(app: App, clock: StoppedClock, tenant: Tenant) -> None:
    await aged(app, clock, tenant, days=40, seal=False)
    done = await expire(app.runtime, [id_of(tenant)])
    assert (done.calls, done.changes) == (0, 0)


async def test_a_legal_hold_stops_all_deletion_until_it_ends(app: App, clock: StoppedClock, tenant: Tenant) -> None:
    again = await aged(app, clock, tenant, days=40)
    for is_held in (True, False):
        await app.call("PATCH", "tenant", {"legal_hold": is_held}, token=again.token)
        await app.tick("expire_audit")
        operations = {row["operation"] for row in await calls_of(app, tenant)}
        assert ("receive_alertmanager" in operations) == is_held


async def test_what_is_not_delivered_stays(
    app: App, clock: StoppedClock, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    await aged(app, clock, tenant, days=40)
    await owner.execute(
        "update event_log set due_at = now() where tenant_id = %s and type = 'integration.created'", (tenant.tenant_id,)
    )
    await expire(app.runtime, [id_of(tenant)])
    assert ("integration.created", False) in await events_of(owner, tenant)


@pytest.mark.parametrize("days", [29, 3_651, 0, None])
async def test_a_time_that_is_too_short_or_too_long_is_refused(app: App, tenant: Tenant, days: int | None) -> None:
    answer = await app.call("PATCH", "tenant", {"audit_retention_days": days}, token=tenant.token)
    assert answer.status == (200 if days is None else 422)


async def test_a_tenant_says_how_long_and_the_audit_says_who_changed_it(app: App, tenant: Tenant) -> None:
    body = {"audit_retention_days": 90, "legal_hold": True}
    answer = await app.call("PATCH", "tenant", body, token=tenant.token)
    assert {name: answer.json[name] for name in body} == body
    (change,) = (await app.call("GET", "audit/changes?action=tenant.updated", token=tenant.token)).json["items"]
    assert change["changes"] == {
        "audit_retention_days": {"before": 365, "after": 90},
        "legal_hold": {"before": False, "after": True},
    }
