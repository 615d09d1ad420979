"""Flapping: an alert that fires and clears too often holds its incident open until it is calm."""

import asyncio
from datetime import timedelta
from typing import Any, Final

import psycopg
import pytest

from tests.fixtures import App, DatabaseUrls, StoppedClock, Tenant, sign_in_again
from tests.held import alert, incidents, listed, post, sweep

STEP: Final = timedelta(minutes=2)


async def change(app: App, tenant: Tenant, clock: StoppedClock, times: int) -> None:
    """Let one alert fire, clear, fire and so on, two minutes apart."""
    for number in range(times):
        if number % 2 == 0:
            await post(app, tenant, alert(1, clock.now()))
        else:
            await post(app, tenant, alert(1, clock.at - STEP, clock.now()))
        await sweep(app)
        clock.advance(minutes=2)


async def the_incident(app: App, tenant: Tenant) -> dict[str, Any]:
    [found] = await listed(app, tenant, "incidents")
    return found


async def test_four_changes_are_not_yet_flapping(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    await change(app, tenant, clock, 4)
    found = await the_incident(app, tenant)
    assert (found["flapping"], found["state"]) == (False, "mitigated")


async def test_the_fifth_flags_it_and_it_stays_open_until_it_was_calm_for_half_an_hour(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    await change(app, tenant, clock, 6)
    found = await the_incident(app, tenant)
    assert (found["flapping"], found["state"]) == (True, "investigating")
    assert {one["flapping"] for one in await listed(app, tenant, "alerts")} == {True}
    clock.advance(minutes=27)
    await sweep(app)
    assert await incidents(app, tenant) == [("investigating", 3)]
    clock.advance(minutes=1)
    await sweep(app)
    found = await the_incident(app, tenant)
    assert (found["flapping"], found["state"]) == (False, "mitigated")
    assert {one["flapping"] for one in await listed(app, tenant, "alerts")} == {False}
    entries = (await listed(app, tenant, f"incidents/{found['id']}/timeline"))[::-1]
    edges = [entry["changes"]["flapping"] for entry in entries if "flapping" in entry["changes"]]
    assert edges == [[False, True], [True, False]]


async def test_a_person_may_close_it_all_the_same_and_the_flag_goes_when_it_is_calm(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    await change(app, tenant, clock, 6)
    found = await the_incident(app, tenant)
    done = {"to": "resolved", "note": "a broken probe"}
    token = (await sign_in_again(app, tenant)).token
    assert (await app.call("POST", f"incidents/{found['id']}/transitions", done, token=token)).status == 200
    clock.advance(minutes=30)
    await sweep(app)
    found = await the_incident(app, tenant)
    assert (found["flapping"], found["state"]) == (False, "resolved")


async def test_many_episodes_in_other_orders_flap_alike(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    began = [clock.now() + STEP * (2 * number) for number in range(3)]
    clock.at = began[-1] + STEP
    await post(app, tenant, *(alert(1, at) for at in reversed(began)), alert(2, clock.now()))
    await post(app, tenant, *(alert(1, at, at + STEP) for at in reversed(began)))
    await sweep(app)
    found = await the_incident(app, tenant)
    assert (found["flapping"], found["state"]) == (True, "detected")


async def test_the_machine_flags_without_waiting_for_alerts_that_are_being_stored(
    app: App, tenant: Tenant, clock: StoppedClock, database_urls: DatabaseUrls
) -> None:
    """It holds the incident, which whoever stores them may need next: each would wait for the other."""
    await change(app, tenant, clock, 4)
    await post(app, tenant, alert(1, clock.now()))
    async with await psycopg.AsyncConnection.connect(database_urls.owner) as storing:
        await storing.execute("select from alerts where tenant_id = %s for update", (tenant.tenant_id,))
        await asyncio.wait_for(sweep(app), timeout=10)
    assert (await the_incident(app, tenant))["flapping"] is True
    clock.advance(minutes=2)
    await post(app, tenant, alert(1, clock.at - STEP, clock.now()))
    await sweep(app)
    assert {one["flapping"] for one in await listed(app, tenant, "alerts")} == {True}


@pytest.mark.parametrize(("restless", "calm"), [(1, 2), (2, 1)])
async def test_the_last_clearing_of_another_alert_does_not_let_it_go(
    app: App, tenant: Tenant, clock: StoppedClock, restless: int, calm: int
) -> None:
    """Only two of its fires are within half an hour, and the other's clearing may be looked at first."""
    began = clock.now()
    await post(app, tenant, alert(restless, began), alert(calm, began))
    clock.advance(minutes=50)
    await post(app, tenant, alert(restless, began, clock.now()))
    for last in (False, True):
        await sweep(app)
        clock.advance(minutes=5)
        fired = clock.now()
        await post(app, tenant, alert(restless, fired))
        await sweep(app)
        clock.advance(minutes=5)
        over = [alert(calm, began, clock.now())] if last else []
        await post(app, tenant, alert(restless, fired, clock.now()), *over)
    await sweep(app)
    found = await the_incident(app, tenant)
    assert (found["flapping"], found["state"]) == (True, "detected")


async def test_it_is_not_calm_because_nobody_could_flag_its_alert_yet(
    app: App, tenant: Tenant, clock: StoppedClock, database_urls: DatabaseUrls
) -> None:
    began = clock.now()
    await post(app, tenant, alert(2, began))
    await change(app, tenant, clock, 4)
    await post(app, tenant, alert(1, clock.now()))
    async with await psycopg.AsyncConnection.connect(database_urls.owner) as storing:
        await storing.execute("select from alerts where tenant_id = %s for update", (tenant.tenant_id,))
        await asyncio.wait_for(sweep(app), timeout=10)
    await post(app, tenant, alert(2, began, clock.now()))
    await sweep(app)
    assert (await the_incident(app, tenant))["flapping"] is True
