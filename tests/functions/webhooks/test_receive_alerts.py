"""Our own format: for whoever has no AlertManager, one alert or many."""

import json
from typing import Any

import pytest

from functions.openapi import document
from tests.fixtures import App, DatabaseUrls, Tenant
from tests.functions.webhooks.test_bad_input import dead_letters

ALERT = {
    "name": "BackupFailed",
    "id": "backup-7",
    "title": "The nightly backup failed",
    "description": "exit code 3",
    "severity": "P2",
    "service": "warehouse",
    "labels": {"host": "db-1"},
    "annotations": {"runbook_url": "https://wiki.example.com/backup"},
    "starts_at": "2026-11-20T02:00:00Z",
    "url": "https://ci.example.com/jobs/7",
}


async def post(app: App, tenant: Tenant, body: Any) -> Any:
    return await app.call("POST", "webhooks/alerts", body, token=tenant.ingest_token)


async def incidents(app: App, tenant: Tenant) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    return found


async def alerts(app: App, tenant: Tenant, incident: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await app.call("GET", f"incidents/{incident['id']}/alerts", token=tenant.token)
    found: list[dict[str, Any]] = answer.json["items"]
    return found


async def test_one_alert_becomes_an_incident_with_all_that_it_says(app: App, tenant: Tenant) -> None:
    answer = await post(app, tenant, ALERT)
    assert (answer.status, answer.json["accepted"], answer.json["rejected"]) == (202, 1, 0)
    (incident,) = await incidents(app, tenant)
    assert (incident["title"], incident["severity"]) == ("The nightly backup failed", "high")
    assert incident["service_name"] == "warehouse"
    (alert,) = await alerts(app, tenant, incident)
    assert alert["fingerprint"] == "backup-7"
    assert alert["labels"] == {
        "alertname": "BackupFailed", "host": "db-1", "service": "warehouse", "severity": "P2"
    }  # fmt: skip
    assert alert["annotations"]["description"] == "exit code 3"
    assert alert["generator_url"] == "https://ci.example.com/jobs/7"


async def test_a_name_is_enough_and_resolves_what_fires_already(app: App, tenant: Tenant) -> None:
    await post(app, tenant, {"name": "BackupFailed"})
    await post(app, tenant, {"name": "BackupFailed"})
    await post(app, tenant, {"name": "BackupFailed", "status": "resolved"})
    (incident,) = await incidents(app, tenant)
    assert (incident["alert_count"], incident["firing_count"]) == (1, 0)


async def test_many_share_an_incident_by_name_and_service_or_by_their_own_group(app: App, tenant: Tenant) -> None:
    same = [{**ALERT, "id": f"backup-{n}"} for n in range(3)]
    grouped = [{"name": f"Disk{n}", "group": {"rack": "7"}} for n in range(2)]
    answer = await post(app, tenant, [*same, *grouped])
    assert (answer.status, answer.json["accepted"]) == (202, 5)
    assert sorted(one["alert_count"] for one in await incidents(app, tenant)) == [2, 3]


async def test_a_bad_alert_among_good_ones_is_rejected_alone(
    app: App, tenant: Tenant, database_urls: DatabaseUrls
) -> None:
    answer = await post(app, tenant, [ALERT, {**ALERT, "id": 7}, {"title": "no name"}])
    assert (answer.status, answer.json["accepted"], answer.json["rejected"]) == (202, 1, 2)
    reasons = sorted(reason for reason, _ in dead_letters(database_urls, tenant))
    assert reasons == ["id: Input should be a valid string", "name: Field required"]


async def test_keys_that_nobody_knows_are_ignored(app: App, tenant: Tenant) -> None:
    assert (await post(app, tenant, {**ALERT, "colour": {"deep": [1]}})).json["accepted"] == 1


@pytest.mark.parametrize("body", [b"7", b'"text"', b"not json"])
async def test_what_is_no_alert_at_all_is_refused(app: App, tenant: Tenant, body: bytes) -> None:
    answer = await post(app, tenant, body)
    assert (answer.status, answer.json["type"]) == (400, "/problems/malformed")


async def test_an_integration_of_this_kind_posts_here(app: App, tenant: Tenant) -> None:
    made = await app.call("POST", "integrations", {"kind": "generic", "name": "CI"}, token=tenant.token)
    assert made.json["webhook_path"] == "webhooks/alerts"
    assert (await app.call("POST", made.json["webhook_path"], ALERT, token=made.json["token"])).status == 202


def test_the_format_is_in_the_document() -> None:
    described = json.loads(document("http://localhost/api"))
    schema = described["paths"]["/webhooks/alerts"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    item = {"$ref": "#/components/schemas/AlertIn"}
    assert schema == {"anyOf": [item, {"type": "array", "items": item}]}
    assert described["components"]["schemas"]["AlertIn"]["required"] == ["name"]
