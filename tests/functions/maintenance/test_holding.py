"""What maintenance windows hold, and what becomes of it when they end, in whatever way."""

from datetime import timedelta
from typing import Any

import pytest

from tests.fixtures import App, StoppedClock, Tenant, sign_in_again
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
