"""Hypotheses as people see them."""

import pytest

from tests.fixtures import App, Tenant, opened


async def test_before_the_analysis_there_are_none_and_the_pipeline_shows_where_it_is(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    path = f"incidents/{incident['id']}"
    found = (await app.call("GET", f"{path}/hypotheses", token=tenant.token)).json
    assert (found["run"], found["outcome"], found["items"]) == (0, None, [])
    steps = (await app.call("GET", f"{path}/workflow", token=tenant.token)).json["items"]
    assert [(step["step_type"], step["status"]) for step in steps] == [("alert_received", "completed")]


async def test_each_is_ranked_explained_cited_and_can_be_refuted(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant, "alertmanager-grouped-20-amtool")
    await app.carry()
    path = f"incidents/{incident['id']}"
    found = (await app.call("GET", f"{path}/hypotheses", token=tenant.token)).json
    assert found["outcome"] == "ranked"
    assert [one["rank"] for one in found["items"]] == list(range(1, len(found["items"]) + 1))
    assert [one["cause_code"] for one in found["items"]].count("none") == 1
    assert found["items"][0]["cause_code"] == "crash_loop"
    for one in found["items"]:
        assert 0 <= one["confidence_score"] <= 1
        assert abs(sum(factor["contribution"] for factor in one["factors"]) - one["confidence_score"]) < 1e-9
        assert one["evidence"]
        assert {code for factor in one["factors"] for code in factor["evidence"]} <= {"E1"}
        assert one["check"]["instruction"]
        assert one["check"]["supports"]
        assert one["check"]["refutes"]
    steps = (await app.call("GET", f"{path}/workflow", token=tenant.token)).json["items"]
    assert [step["step_type"] for step in steps] == [
        "alert_received",
        "evidence_collected",
        "candidates_generated",
        "hypotheses_scored",
        "published",
    ]
    assert all(step["status"] == "completed" and step["finished_at"] for step in steps)


async def test_a_message_delivered_twice_publishes_once(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    await app.runtime.relay.sweep()
    # The relay carries whatever is due, also what other tests have left behind.
    (message,) = [one for one in await app.mailbox.take("hypotheses") if tenant.tenant_id in one]
    for _ in range(2):
        await app.hand("propose_hypotheses", message)
    found = (await app.call("GET", f"incidents/{incident['id']}/hypotheses", token=tenant.token)).json
    assert found["run"] == 1


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        (
            {"runbook_url": "https://wiki.example.com/disk"},
            "Runbook of alert DiskFull: https://wiki.example.com/disk",
        ),
        ({"runbook_url": "javascript:alert(1)"}, "Runbook of checkout: https://wiki.example.com/checkout"),
        ({}, "Runbook of checkout: https://wiki.example.com/checkout"),
    ],
)
async def test_the_runbook_of_the_alert_is_evidence_or_else_that_of_its_service(
    app: App, tenant: Tenant, annotations: dict[str, str], expected: str
) -> None:
    service = {"name": "checkout", "runbook_url": "https://wiki.example.com/checkout"}
    assert (await app.call("POST", "services", service, token=tenant.token)).status == 201
    alert = {"name": "DiskFull", "service": "checkout", "annotations": annotations}
    assert (await app.call("POST", "webhooks/alerts", alert, token=tenant.ingest_token)).status == 202
    await app.carry()
    incident = (await app.call("GET", "incidents", token=tenant.token)).json["items"][0]
    found = (await app.call("GET", f"incidents/{incident['id']}/hypotheses", token=tenant.token)).json
    assert [one["text"] for one in found["evidence"] if one["kind"] == "runbook"] == [expected]
