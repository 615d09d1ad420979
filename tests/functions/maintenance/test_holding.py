"""What maintenance windows hold, and what becomes of it when they end, in whatever way."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import psycopg
import pytest

from shared.incidents.release import release
from shared.kernel.values import TenantId, system_actor
from tests.fixtures import App, DatabaseUrls, StoppedClock, Tenant, sign_in_again
from tests.held import alert, held, incidents, listed, plan, post, sweep


async def test_what_still_fires_at_the_end_opens_its_incident_then_and_once(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    begin = clock.now()
    await plan(app, tenant, begin, 60)
    clock.advance(minutes=5)
    await post(app, tenant, alert(1, clock.now()), alert(2, clock.now()))
    await post(app, tenant, alert(2, clock.now(), clock.now() + timedelta(minutes=1)))
    await sweep(app)
    assert await incidents(app, tenant) == []
    assert await held(app, tenant) == ["suppressed", "suppressed"]

    clock.advance(minutes=55)
    for _ in range(2):
        await sweep(app)
    assert await incidents(app, tenant) == [("detected", 1)]
    assert await held(app, tenant) == ["suppressed"]  # it resolved in time
    [incident] = await listed(app, tenant, "incidents")
    [joined] = await listed(app, tenant, f"incidents/{incident['id']}/alerts")
    assert (joined["held"]["reason"], joined["held"]["until"]) == ("suppressed", None)
    events = await listed(app, tenant, f"incidents/{incident['id']}/timeline")
    kinds = [event["type"] for event in events]
    assert (kinds.count("alert.fired"), kinds.count("incident.created")) == (1, 1)


async def test_other_alerts_and_those_that_began_before_open_at_once(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    await plan(app, tenant, clock.now(), 60)
    clock.advance(minutes=5)
    await post(app, tenant, alert(1, clock.now(), service="cart"), group="cart")
    await post(app, tenant, alert(1, clock.now() - timedelta(minutes=6)), group="before")
    assert await incidents(app, tenant) == [("detected", 1), ("detected", 1)]


async def test_an_alert_is_held_also_where_an_incident_is_open_and_joins_it_at_the_end(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    await post(app, tenant, alert(1, clock.now()))
    clock.advance(minutes=1)
    await plan(app, tenant, clock.now(), 60)
    await post(app, tenant, alert(2, clock.now()))
    assert await incidents(app, tenant) == [("detected", 1)]
    clock.advance(minutes=60)
    await sweep(app)
    assert await incidents(app, tenant) == [("detected", 2)]


async def test_resolved_always_passes(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    begin = clock.now()
    await post(app, tenant, alert(1, begin))
    await plan(app, tenant, begin, 60)
    clock.advance(minutes=1)
    await post(app, tenant, alert(1, begin, clock.now()))
    await sweep(app)
    assert await incidents(app, tenant) == [("mitigated", 1)]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/end", None),
        ("DELETE", "", None),
        ("PATCH", "", {"matchers": [{"label": "service", "value": "cart"}]}),
    ],
    ids=["ended early", "cancelled", "changed"],
)
async def test_what_a_window_lets_go_of_early_opens_at_once(
    app: App, tenant: Tenant, clock: StoppedClock, method: str, path: str, body: Any
) -> None:
    window = await plan(app, tenant, clock.now(), 60)
    clock.advance(minutes=5)
    await post(app, tenant, alert(1, clock.now()), alert(2, clock.now()), alert(2, clock.now(), clock.now()))
    clock.advance(minutes=1)
    answer = await app.call(method, f"maintenance-windows/{window['id']}{path}", body, token=tenant.token)
    assert answer.status in {200, 204}
    await app.carry()
    assert await incidents(app, tenant) == [("detected", 1)]
    await sweep(app)
    assert await incidents(app, tenant) == [("detected", 1)]


async def test_a_window_made_longer_goes_on_holding(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    window = await plan(app, tenant, clock.now(), 60)
    clock.advance(minutes=5)
    await post(app, tenant, alert(1, clock.now()))
    longer = {"ends_at": (clock.now() + timedelta(minutes=90)).isoformat()}
    changed = await app.call("PATCH", f"maintenance-windows/{window['id']}", longer, token=tenant.token)
    assert (changed.json["starts_at"], changed.json["status"]) == (window["starts_at"], "active")
    await app.carry()
    clock.advance(minutes=80)
    await sweep(app)
    assert await incidents(app, tenant) == []
    clock.advance(minutes=10)
    await sweep(app)
    assert await incidents(app, tenant) == [("detected", 1)]


async def test_each_occurrence_of_a_recurring_window_holds_and_lets_go(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    window = await plan(app, tenant, clock.now(), 60, rule="FREQ=DAILY;COUNT=3")
    for day in (1, 2):
        clock.advance(minutes=5)
        await post(app, tenant, alert(day, clock.now()), group=str(day))
        assert len(await incidents(app, tenant)) == day - 1
        clock.advance(minutes=55)
        await sweep(app)
        assert len(await incidents(app, tenant)) == day
        clock.advance(hours=23)
    token = (await sign_in_again(app, tenant)).token
    await app.call("POST", f"maintenance-windows/{window['id']}/end", token=token)
    clock.advance(minutes=1)
    await post(app, tenant, alert(3, clock.now()), group="3")
    assert len(await incidents(app, tenant)) == 3


async def test_a_late_pair_from_within_a_window_that_is_over_opens_nothing(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    begin = clock.now()
    await plan(app, tenant, begin, 60)
    clock.advance(minutes=90)
    inside = begin + timedelta(minutes=5)
    await post(app, tenant, alert(1, inside, inside + timedelta(minutes=5)))
    await post(app, tenant, alert(1, inside))
    await sweep(app)
    assert await incidents(app, tenant) == []
    assert await held(app, tenant) == ["suppressed"]


async def test_ending_a_window_waits_for_the_alerts_in_the_order_in_which_others_do(
    app: App, tenant: Tenant, clock: StoppedClock, database_urls: DatabaseUrls
) -> None:
    window = await plan(app, tenant, clock.now(), 60)
    for pod in range(8):
        await post(app, tenant, alert(pod, clock.now()))
    async with await psycopg.AsyncConnection.connect(database_urls.owner) as other:
        rows = await other.execute(
            "select id from alerts where tenant_id = %s order by integration_id, fingerprint, starts_at",
            (tenant.tenant_id,),
        )
        ids = [row[0] for row in await rows.fetchall()]
        first, last = next((one, two) for one, two in pairwise(ids) if one > two)  # the other way round than they came
        hold = "select from alerts where tenant_id = %s and id = %s for update"
        await other.execute(hold, (tenant.tenant_id, first))
        ending = asyncio.create_task(
            app.call("POST", f"maintenance-windows/{window['id']}/end", None, token=tenant.token)
        )
        await waiting_for(other)
        await other.execute(hold, (tenant.tenant_id, last))
        await other.commit()
    assert (await ending).status == 200


async def test_a_release_that_is_overtaken_begins_again_from_where_it_began(
    app: App, tenant: Tenant, clock: StoppedClock, database_urls: DatabaseUrls
) -> None:
    await post(app, tenant, alert(0, clock.now() - timedelta(minutes=1)), group="b")
    await plan(app, tenant, clock.now(), 60)
    for group in "abc":
        await post(app, tenant, alert(1, clock.now(), group=group), group=group)
    clock.advance(minutes=60)
    async with await psycopg.AsyncConnection.connect(database_urls.owner) as other:
        # While the release waits for an incident of the third problem, that of the second one ends.
        await other.execute(
            "update incidents set state = 'resolved', resolved_at = now() - interval '1 year' where tenant_id = %s",
            (tenant.tenant_id,),
        )
        await other.execute(
            "insert into incidents (tenant_id, id, project_id, number, grouping_key, title, severity, state_since,"
            " service_name, started_at, lead_fingerprint, created_at, updated_at)"
            " select tenant_id, uuidv7(), project_id, 99, held_key, title, severity, now(), service_name, starts_at,"
            " fingerprint, now(), now() from alerts where tenant_id = %s and labels->>'pod' = 'shopc-1'",
            (tenant.tenant_id,),
        )

        async def release_all() -> None:
            async with app.runtime.transaction(system_actor(TenantId(UUID(tenant.tenant_id)))) as tx:
                await release(tx, UUID(tenant.project_id))

        releasing = asyncio.create_task(release_all())
        await waiting_for(other)
        await other.commit()
    await releasing
    assert sorted(await incidents(app, tenant)) == [("detected", 1), ("detected", 1), ("detected", 1), ("resolved", 1)]


async def waiting_for(connection: psycopg.AsyncConnection) -> None:
    """Wait until somebody waits for what a transaction has locked."""
    query = "select count(*) from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))"
    for _ in range(600):
        row = await (await connection.execute(query)).fetchone()
        if row and row[0]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody waits")
