"""Thresholds: alerts wait for others of their kind, and then open one incident together."""

import asyncio
from datetime import timedelta
from typing import Any

import psycopg

from tests.fixtures import App, StoppedClock, Tenant, sign_in_again
from tests.held import alert, held, incidents, post, sweep


async def demand(app: App, tenant: Tenant, count: int, window: int = 300) -> None:
    path = f"projects/{tenant.project_id}/policies"
    body: dict[str, Any] = {"threshold": {"count": count, "window": window}}
    assert (await app.call("PATCH", path, body, token=(await sign_in_again(app, tenant)).token)).status == 200


async def test_the_last_that_is_needed_opens_one_incident_for_all(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    await demand(app, tenant, 3)
    for pod in (1, 2):
        await post(app, tenant, alert(pod, clock.now()))
        await app.carry()
    assert (await incidents(app, tenant), await held(app, tenant)) == ([], ["threshold", "threshold"])
    await post(app, tenant, alert(3, clock.now()))
    await app.carry()
    assert (await incidents(app, tenant), await held(app, tenant)) == ([("detected", 3)], [])
    await post(app, tenant, alert(4, clock.now()))
    assert await incidents(app, tenant) == [("detected", 4)]


async def test_too_few_in_time_open_nothing_and_what_resolves_stays_without(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    await demand(app, tenant, 2)
    begin = clock.now()
    await post(app, tenant, alert(1, begin))
    await post(app, tenant, alert(1, begin, begin + timedelta(minutes=1)))
    clock.advance(minutes=6)
    await sweep(app)
    await post(app, tenant, alert(2, clock.now()))
    await sweep(app)
    assert (await incidents(app, tenant), await held(app, tenant)) == ([], ["threshold", "threshold"])
    await post(app, tenant, alert(3, clock.now()))
    await sweep(app)
    assert (await incidents(app, tenant), await held(app, tenant)) == ([("detected", 2)], ["threshold"])


async def test_alerts_that_have_all_resolved_by_then_open_an_incident_that_is_mitigated(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    await demand(app, tenant, 2)
    begin = clock.now()
    for pod in (1, 2):
        await post(app, tenant, alert(pod, begin), alert(pod, begin, begin + timedelta(minutes=1)))
    await app.carry()
    assert await incidents(app, tenant) == [("mitigated", 2)]


async def test_alerts_that_come_at_the_same_moment_do_not_miss_each_other(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    await demand(app, tenant, 10)
    await asyncio.gather(*(post(app, tenant, alert(pod, clock.now())) for pod in range(10)))
    await app.carry()
    assert await incidents(app, tenant) == [("detected", 10)]


async def test_a_threshold_that_is_taken_away_lets_go(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    await demand(app, tenant, 3)
    await post(app, tenant, alert(1, clock.now()))
    await app.carry()
    await demand(app, tenant, 1)
    await app.carry()
    assert await incidents(app, tenant) == [("detected", 1)]


async def test_those_that_wait_in_vain_keep_back_no_others(
    app: App, tenant: Tenant, clock: StoppedClock, owner: psycopg.AsyncConnection
) -> None:
    await demand(app, tenant, 2)
    await post(app, tenant, alert(1, clock.now()))
    await app.carry()
    await owner.execute(
        "insert into alerts select (jsonb_populate_record(a, jsonb_build_object("
        "  'id', uuidv7(), 'fingerprint', n::text, 'held_key', 'v1:' || n, 'held_until', null))).*"
        " from alerts a, generate_series(1, 5001) n where tenant_id = %s",
        (tenant.tenant_id,),
    )
    await post(app, tenant, alert(2, clock.now(), group="new"), alert(3, clock.now(), group="new"), group="new")
    await app.carry()
    assert await incidents(app, tenant) == [("detected", 2)]


async def test_one_that_waits_beside_an_open_incident_of_its_kind_joins_it(
    app: App, tenant: Tenant, clock: StoppedClock, owner: psycopg.AsyncConnection
) -> None:
    await post(app, tenant, alert(1, clock.now()))
    await demand(app, tenant, 3)
    await owner.execute(
        "insert into alerts select (jsonb_populate_record(a, jsonb_build_object("
        "  'id', uuidv7(), 'fingerprint', 'late', 'incident_id', null, 'held_by', 'threshold', 'held_until', %s::text,"
        "  'held_key', (select grouping_key from incidents i where i.id = a.incident_id)))).*"
        " from alerts a where tenant_id = %s",
        (clock.now() + timedelta(minutes=5), tenant.tenant_id),
    )
    await demand(app, tenant, 2)
    await app.carry()
    assert await incidents(app, tenant) == [("detected", 2)]
