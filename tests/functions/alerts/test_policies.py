"""A project's policies: who sees and changes them, what they may be, and what is kept of a change."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from shared.alerts.events import PoliciesChanged
from tests.fixtures import App, Tenant, register
from tests.functions.access.people import invited
from tests.shared.platform.recording import Log

DEFAULTS = {
    "auto_resolve": "all",
    "quiet_period": 600,
    "reopen_window": 1_800,
    "related": "link",
    "threshold": {"count": 1, "window": 300},
    "grouping": {"by": "group", "labels": []},
    "auto_analyse": True,
    "severity_map": {},
    "severity_labels": ["severity", "priority", "level"],
    "service_labels": ["service", "app", "job", "deployment"],
}


def path(tenant: Tenant) -> str:
    return f"projects/{tenant.project_id}/policies"


async def change(app: App, tenant: Tenant, policies: dict[str, Any]) -> Any:
    return await app.call("PATCH", path(tenant), policies, token=tenant.token)


async def test_a_new_project_has_the_defaults(app: App, tenant: Tenant) -> None:
    answer = await app.call("GET", path(tenant), token=tenant.token)
    assert answer.json == {**DEFAULTS, "defaults": DEFAULTS, "version": 1}
    assert answer.headers["ETag"] == '"1"'


async def test_what_is_named_changes_and_the_rest_stays(app: App, tenant: Tenant) -> None:
    await change(app, tenant, {"quiet_period": 60, "threshold": {"count": 3}})
    changed = await change(app, tenant, {"grouping": {"by": "labels", "labels": ["cluster"]}})
    expected = {
        **DEFAULTS,
        "quiet_period": 60,
        "threshold": {"count": 3, "window": 300},
        "grouping": {"by": "labels", "labels": ["cluster"]},
        "defaults": DEFAULTS,
        "version": 3,
    }
    assert changed.json == expected
    assert (await app.call("GET", path(tenant), token=tenant.token)).json == expected


async def test_null_is_the_default_again(app: App, tenant: Tenant) -> None:
    await change(app, tenant, {"quiet_period": 60, "related": "attach"})
    assert (await change(app, tenant, {"quiet_period": None})).json["quiet_period"] == 600
    assert (await change(app, tenant, {})).json["related"] == "attach"


async def test_a_change_is_kept_with_both_values_and_who_made_it(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    await change(app, tenant, {"quiet_period": 60})
    await change(app, tenant, {"quiet_period": 60})
    (row,) = await Log(owner, UUID(tenant.tenant_id)).rows(PoliciesChanged)
    assert row["changes"] == {"quiet_period": [600, 60]}
    assert str(row["actor_id"]) == tenant.user_id


async def test_whoever_saw_an_older_version_changes_nothing(app: App, tenant: Tenant) -> None:
    await change(app, tenant, {"quiet_period": 60})
    stale = await app.call("PATCH", path(tenant), {"quiet_period": 5}, token=tenant.token, headers={"if-match": '"1"'})
    assert stale.status == 412
    assert (await app.call("GET", path(tenant), token=tenant.token)).json["quiet_period"] == 60


@pytest.mark.parametrize(
    ("policies", "fields"),
    [
        ({"quiet_period": -1}, "quiet_period"),
        ({"quiet_period": 604_801}, "quiet_period"),
        ({"quiet_period": 1.5}, "quiet_period"),
        ({"auto_resolve": "some"}, "auto_resolve"),
        ({"related": "merge"}, "related"),
        ({"threshold": {"count": 0}}, "threshold.count"),
        ({"threshold": {"count": 2, "window": 86_401}}, "threshold.window"),
        ({"grouping": {"by": "labels"}}, "grouping.by grouping.labels"),
        ({"grouping": {"by": "labels", "labels": []}}, "grouping.by grouping.labels"),
        ({"grouping": {"by": "fingerprint", "labels": ["a"]}}, "grouping.by grouping.labels"),
        ({"grouping": {"by": "labels", "labels": ["a", "a"]}}, "grouping.labels"),
        ({"grouping": {"by": "labels", "labels": ["x" * 129]}}, "grouping.labels.0"),
        ({"grouping": {"by": "labels", "labels": ["a\x00b"]}}, "grouping.labels.0"),
        ({"severity_map": {"blocker": "worst"}}, "severity_map.blocker"),
        ({"severity_map": {f"w{n}": "low" for n in range(101)}}, "severity_map"),
        ({"severity_labels": []}, "severity_labels"),
        ({"service_labels": ["l" + str(n) for n in range(17)]}, "service_labels"),
        ({"quiet": 60}, "quiet"),
    ],
)
async def test_what_is_no_policy_is_refused_by_name(
    app: App, tenant: Tenant, policies: dict[str, Any], fields: str
) -> None:
    answer = await change(app, tenant, policies)
    assert answer.status == 422
    assert [one["field"] for one in answer.json["errors"]] == fields.split()
    assert (await app.call("GET", path(tenant), token=tenant.token)).json["version"] == 1


async def test_words_of_severity_are_kept_in_lower_case(app: App, tenant: Tenant) -> None:
    assert (await change(app, tenant, {"severity_map": {"Blocker": "critical"}})).json["severity_map"] == {
        "blocker": "critical"
    }


async def test_an_engineer_sees_policies_and_an_admin_changes_them(app: App, tenant: Tenant) -> None:
    engineer, admin = await invited(app, tenant, "engineer"), await invited(app, tenant, "admin")
    assert (await app.call("GET", path(tenant), token=engineer.token)).status == 200
    assert (await app.call("PATCH", path(tenant), {"quiet_period": 1}, token=engineer.token)).status == 403
    assert (await app.call("PATCH", path(tenant), {"quiet_period": 1}, token=admin.token)).status == 200


async def test_another_tenants_policies_are_not_there(app: App, tenant: Tenant) -> None:
    stranger = await register(app)
    for method, body in (("GET", None), ("PATCH", {"quiet_period": 1})):
        assert (await app.call(method, path(tenant), body, token=stranger.token)).status == 404
