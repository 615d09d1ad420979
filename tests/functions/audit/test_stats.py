"""How much of what was done by whom, on which days."""

from typing import Any

import psycopg

from shared.audit.seals import seal_next
from tests.fixtures import App, StoppedClock, Tenant, sign_in_again
from tests.functions.access.people import invited
from tests.functions.audit.audited import id_of, many_changes, stored


async def ask(app: App, token: str, query: str = "") -> dict[str, Any]:
    answer = await app.call("GET", f"audit/stats?{query}", token=token)
    assert answer.status == 200, answer.content
    found: dict[str, Any] = answer.json
    return found


async def busy(app: App, tenant: Tenant) -> str:
    """Let an owner and a viewer do some things; returns the viewer's id."""
    viewer = await invited(app, tenant, "viewer")
    for name in ("one", "two"):
        await app.call("POST", "services", {"name": name}, token=tenant.token)
        await app.call("POST", "services", {"name": name}, token=viewer.token)
    await stored(app)
    return viewer.user_id


def of(found: dict[str, Any], action: str) -> dict[str, Any]:
    return next(one for one in found["by_action"] if one["action"] == action)


async def test_calls_and_changes_are_counted_by_person_action_and_day(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    viewer = await busy(app, tenant)
    found = await ask(app, tenant.token)
    assert of(found, "create_service") == {
        "action": "create_service", "calls": 4, "refused": 2, "failed": 0, "changes": 0,
    }  # fmt: skip
    assert of(found, "service.created")["changes"] == 2
    person = next(one for one in found["by_person"] if one["actor"]["id"] == viewer)
    assert (person["calls"], person["refused"]) == (3, 2)  # accepting the invitation was one, too
    assert [one["day"] for one in found["by_day"]] == [str(clock.now().date())]
    assert found["calls"] == sum(one["calls"] for one in found["by_action"]) == found["by_day"][0]["calls"]
    assert found["is_whole"]


async def test_a_sealed_day_counts_as_it_did_before(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    await busy(app, tenant)
    day = clock.now().date()
    before = await ask(app, tenant.token, f"from={day}&to={day}")
    clock.advance(days=2)
    while await seal_next(app.runtime, id_of(tenant)):
        pass
    again = await sign_in_again(app, tenant)
    after = await ask(app, again.token, f"from={day}&to={day}")
    asking = [one for one in after["by_action"] if one["action"] != "show_audit_stats"]
    assert sorted(asking, key=str) == sorted(before["by_action"], key=str)
    assert {one["day"] for one in after["by_day"]} == {str(day)}


async def test_what_somebody_did_for_the_first_time_is_named_once(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    viewer = await busy(app, tenant)
    first = clock.now().date()
    clock.advance(days=2)
    while await seal_next(app.runtime, id_of(tenant)):
        pass
    again = await sign_in_again(app, tenant)
    await app.call("POST", "services", {"name": "three"}, token=again.token)
    await app.call("POST", "saved-views", {"name": "mine", "filters": {"open": True}}, token=again.token)
    await stored(app)
    found = (await ask(app, again.token))["first_times"]
    actions = {one["action"]: one["day"] for one in found if one["actor"]["id"] == tenant.user_id}
    assert actions["create_service"] == str(first)
    assert actions["create_saved_view"] == str(clock.now().date())
    done = {one["action"] for one in found if one["actor"]["id"] == viewer}
    assert done == {"accept_invitation"}  # all else they only tried
    today = (await ask(app, again.token, f"from={clock.now().date()}"))["first_times"]
    assert "create_service" not in {one["action"] for one in today}


async def test_more_than_is_counted_at_once_is_said(app: App, tenant: Tenant, owner: psycopg.AsyncConnection) -> None:
    await many_changes(owner, tenant, 21_000)
    assert not (await ask(app, tenant.token))["is_whole"]


async def test_days_before_the_tenant_have_nothing(app: App, tenant: Tenant) -> None:
    found = await ask(app, tenant.token, "from=2025-12-01&to=2026-01-01")
    assert (found["calls"], found["by_person"], found["is_whole"]) == (0, [], True)
