"""The main job, end to end on real stores: an alert becomes an incident with hypotheses."""

from tests.fixtures import App, Tenant, payload


async def test_an_alert_becomes_an_incident_with_ranked_hypotheses(app: App, tenant: Tenant) -> None:
    answer = await app.call("POST", "webhooks/alertmanager", payload("alertmanager-firing"), token=tenant.ingest_token)
    assert (answer.status, answer.json["accepted"], answer.json["stored"]) == (202, 1, "database")
    await app.carry()

    listed = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    assert [(one["state"], one["severity"], one["service_name"]) for one in listed] == [
        ("detected", "critical", "checkout")
    ]
    found = (await app.call("GET", f"incidents/{listed[0]['id']}/hypotheses", token=tenant.token)).json
    assert found["run"] == 1
    assert 3 <= len(found["items"]) <= 5
    assert "none" in {one["cause_code"] for one in found["items"]}
