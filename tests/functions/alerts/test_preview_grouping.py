"""What the last days would have been under another rule, before anybody saves it."""

from typing import Any

import psycopg
import pytest

from tests.fixtures import App, StoppedClock, Tenant, register, sign_in_again
from tests.functions.access.people import invited
from tests.functions.alerts.test_policies import change
from tests.shared.incidents.test_ingest import post, sent


async def preview(app: App, tenant: Tenant, policies: dict[str, Any]) -> Any:
    return await app.call("POST", f"projects/{tenant.project_id}/grouping/preview", policies, token=tenant.token)


async def test_a_changed_rule_is_shown_and_nothing_is_stored(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    await post(app, tenant, [sent(pod, 0, "firing") for pod in range(3)])

    async def everything() -> list[Any]:
        rows = []
        for table in ("alerts", "incidents", "projects", "event_log"):
            found = await owner.execute(
                f"select to_jsonb(t) from {table} t where tenant_id = %s order by 1", (tenant.tenant_id,)
            )
            rows.extend(await found.fetchall())
        return rows

    before = await everything()
    answer = await preview(app, tenant, {"grouping": {"by": "labels", "labels": ["severity"]}})
    assert answer.status == 200
    found = answer.json
    assert (found["alerts"], found["is_cut"], found["most_alerts"]) == (3, False, 10_000)
    assert (found["before"]["incidents"], found["after"]["incidents"], found["regrouped"]) == (1, 2, 3)
    assert [(one["alerts"], one["severity"]) for one in found["after"]["largest"]] == [(2, "critical"), (1, "medium")]
    assert found["examples"][0]["before"] == {"rule": "group", "values": {"alertname": "Down", "service": "shop"}}
    assert found["examples"][0]["after"]["rule"] == "labels"
    assert await everything() == before


async def test_it_agrees_with_what_the_saved_rule_does(app: App, tenant: Tenant) -> None:
    rule = {"grouping": {"by": "fingerprint"}}
    await post(app, tenant, [sent(pod, 0, "firing") for pod in range(5)])
    expected = (await preview(app, tenant, rule)).json["after"]["incidents"]
    other = await register(app)
    await change(app, other, rule)
    await post(app, other, [sent(pod, 0, "firing") for pod in range(5)])
    assert len((await app.call("GET", "incidents", token=other.token)).json["items"]) == expected == 5


async def test_the_senders_own_group_is_known_whatever_the_rule_was(app: App, tenant: Tenant) -> None:
    await change(app, tenant, {"grouping": {"by": "fingerprint"}})
    await post(app, tenant, [sent(pod, 0, "firing") for pod in range(3)])
    found = (await preview(app, tenant, {"grouping": None})).json
    assert (found["before"]["incidents"], found["after"]["incidents"]) == (3, 1)


async def test_only_the_last_seven_days_of_this_project_count(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    await post(app, await register(app), [sent(9, 0, "firing")])
    await post(app, tenant, [sent(1, 0, "firing")])
    clock.advance(days=6)
    tenant = await sign_in_again(app, tenant)
    await post(app, tenant, [sent(2, 0, "firing"), sent(7, 2, "resolved")])
    assert (await preview(app, tenant, {})).json["alerts"] == 2  # what never fired would be nothing either
    clock.advance(days=2)
    tenant = await sign_in_again(app, tenant)
    assert (await preview(app, tenant, {})).json["alerts"] == 0  # by their ids, which real time gave, or by their own


@pytest.mark.parametrize("policies", [{"grouping": {"by": "labels"}}, {"threshold": {"count": 0}}, {"unknown": 1}])
async def test_policies_that_could_not_be_saved_cannot_be_tried(
    app: App, tenant: Tenant, policies: dict[str, Any]
) -> None:
    assert (await preview(app, tenant, policies)).status == 422


async def test_it_is_for_those_who_may_save_it(app: App, tenant: Tenant) -> None:
    engineer = await invited(app, tenant, "engineer")
    path = f"projects/{tenant.project_id}/grouping/preview"
    assert (await app.call("POST", path, {}, token=engineer.token)).status == 403
    stranger = await register(app)
    assert (await app.call("POST", path, {}, token=stranger.token)).status == 404
