"""What a project's policies do to alerts as they are merged."""

from typing import Any

import pytest

from tests.fixtures import App, Tenant
from tests.functions.alerts.test_policies import change
from tests.shared.incidents.test_ingest import post, sent


async def incidents(app: App, tenant: Tenant) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    return found


async def alerts(app: App, tenant: Tenant, incident: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await app.call("GET", f"incidents/{incident['id']}/alerts", token=tenant.token)
    found: list[dict[str, Any]] = answer.json["items"]
    return found


@pytest.mark.parametrize(
    ("grouping", "expected"),
    [
        ({"by": "group"}, [3]),
        ({"by": "labels", "labels": ["severity"]}, [1, 2]),
        ({"by": "labels", "labels": ["absent"]}, [3]),
        ({"by": "fingerprint"}, [1, 1, 1]),
    ],
)
async def test_alerts_share_incidents_as_the_project_says(
    app: App, tenant: Tenant, grouping: dict[str, Any], expected: list[int]
) -> None:
    await change(app, tenant, {"grouping": grouping})
    await post(app, tenant, [sent(pod, 0, "firing") for pod in range(3)])
    assert sorted(one["alert_count"] for one in await incidents(app, tenant)) == expected


async def test_each_alert_says_by_which_rule_it_came_where_it_is(app: App, tenant: Tenant) -> None:
    await change(app, tenant, {"grouping": {"by": "labels", "labels": ["service", "absent"]}})
    await post(app, tenant, [sent(0, 0, "firing")])
    (incident,) = await incidents(app, tenant)
    (alert,) = await alerts(app, tenant, incident)
    assert alert["grouping"] == {
        "rule": "labels",
        "fields": ["service", "absent"],
        "values": {"service": "shop"},
        "sent": {"alertname": "Down", "service": "shop"},
    }


async def test_a_changed_rule_is_for_new_alerts_and_leaves_the_others_where_they_are(app: App, tenant: Tenant) -> None:
    await post(app, tenant, [sent(0, 0, "firing")])
    (before,) = await incidents(app, tenant)
    await change(app, tenant, {"grouping": {"by": "fingerprint"}})
    repeated = sent(0, 0, "firing", 2)  # with other annotations, so that its content is rewritten
    await post(app, tenant, [repeated, sent(1, 0, "firing")])
    new, old = await incidents(app, tenant)
    assert (old["id"], old["alert_count"], new["alert_count"]) == (before["id"], 1, 1)
    (alert,) = await alerts(app, tenant, old)
    assert alert["grouping"]["rule"] == "group"
    await post(app, tenant, [sent(0, 0, "resolved"), sent(1, 0, "resolved")])
    assert [one["firing_count"] for one in await incidents(app, tenant)] == [0, 0]


async def test_the_projects_own_words_and_labels_tell_severity_and_service(app: App, tenant: Tenant) -> None:
    policies = {
        "severity_map": {"Blocker": "critical", "warning": "low"},
        "severity_labels": ["impact", "severity"],
        "service_labels": ["component"],
        "grouping": {"by": "fingerprint"},
    }
    await change(app, tenant, policies)
    blocker, warning = sent(0, 0, "firing"), sent(1, 0, "firing")
    blocker["labels"] |= {"impact": "blocker", "component": "till"}
    await post(app, tenant, [blocker, warning])
    found = {(one["severity"], one["service_name"]) for one in await incidents(app, tenant)}
    assert found == {("critical", "till"), ("low", "")}


async def test_missing_alerts_are_told_on_every_incident_that_the_notification_went_to(
    app: App, tenant: Tenant
) -> None:
    await change(app, tenant, {"grouping": {"by": "labels", "labels": ["severity"]}})
    body = {"version": "4", "alerts": [sent(0, 0, "firing"), sent(1, 0, "firing")], "truncatedAlerts": 7}
    await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    assert [one["truncated_alerts"] for one in await incidents(app, tenant)] == [7, 7]
