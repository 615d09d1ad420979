"""Similar incidents, among the incidents of a seeded history."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest

from scripts.history import Plan
from scripts.seed import Place, seed
from tests.fixtures import App, DatabaseUrls, Tenant, register


@pytest.fixture
async def incidents(app: App, tenant: Tenant, database_urls: DatabaseUrls) -> list[dict[str, Any]]:
    """The newest 200 of 600 seeded incidents."""
    plan = Plan(incidents=600, alerts=1_200, seed="similar", until=datetime.now(UTC), days=60)
    seed(database_urls.app, Place(UUID(tenant.tenant_id), UUID(tenant.project_id)), plan)
    found: list[dict[str, Any]] = (await app.call("GET", "incidents?limit=200", token=tenant.token)).json["items"]
    return found


async def like(app: App, tenant: Tenant, incident: dict[str, Any], limit: int = 5) -> list[dict[str, Any]]:
    answer = await app.call("GET", f"incidents/{incident['id']}/similar?limit={limit}", token=tenant.token)
    assert answer.status == 200, answer.content
    found: list[dict[str, Any]] = answer.json["items"]
    return found


async def test_the_same_problem_of_the_same_service_comes_first(
    app: App, tenant: Tenant, incidents: list[dict[str, Any]], owner: psycopg.AsyncConnection
) -> None:
    repeated = 0
    for incident in incidents[:10]:
        rows = await owner.execute(
            "select b.id::text from incidents a join incidents b using (tenant_id, grouping_key)"
            " where a.id = %s and b.id <> a.id",
            (incident["id"],),
        )
        same = {row[0] for row in await rows.fetchall()}
        repeated += bool(same)
        found = await like(app, tenant, incident)
        assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
        first = found[: len(same)]
        assert len(first) == min(len(same), 5)
        assert {one["id"] for one in first} <= same
        assert all({"problem", "alerts", "service"} <= set(one["shared"]) for one in first)
    assert repeated


async def test_neither_itself_nor_what_was_put_away_is_similar(
    app: App, tenant: Tenant, incidents: list[dict[str, Any]], owner: psycopg.AsyncConnection
) -> None:
    incident = next(one for one in incidents if one["state"] == "resolved")
    archived, merged, *_ = await like(app, tenant, incident)
    await owner.execute("update incidents set state = 'resolved' where id = any(%s)", ([archived["id"], merged["id"]],))
    await owner.execute("update incidents set archived_at = now() where id = %s", (archived["id"],))
    await owner.execute("update incidents set merged_into = %s where id = %s", (incident["id"], merged["id"]))
    left = {one["id"] for one in await like(app, tenant, incident, limit=19)}
    assert not left & {incident["id"], archived["id"], merged["id"]}


async def test_another_project_has_nothing_similar(
    app: App, tenant: Tenant, incidents: list[dict[str, Any]], database_urls: DatabaseUrls
) -> None:
    stranger = await register(app)
    plan = Plan(incidents=50, alerts=50, seed="stranger", until=datetime.now(UTC), days=10)
    seed(database_urls.app, Place(UUID(stranger.tenant_id), UUID(stranger.project_id)), plan)
    theirs = (await app.call("GET", "incidents?limit=200", token=stranger.token)).json["items"]
    ids = {one["id"] for one in theirs}
    for incident in theirs[:5]:
        assert {one["id"] for one in await like(app, stranger, incident)} <= ids
    answer = await app.call("GET", f"incidents/{incidents[0]['id']}/similar", token=stranger.token)
    assert answer.status == 404


async def test_what_shares_but_one_alert_and_the_words_is_found_also_after_a_merge(app: App, tenant: Tenant) -> None:
    async def fire(group: str, name: str, title: str) -> None:
        labels, annotations = {"alertname": name, "instance": group}, {"summary": title}
        alert = {"labels": labels, "annotations": annotations, "startsAt": "2026-11-20T10:00:00Z"}
        body = {"alerts": [alert], "groupLabels": {"instance": group}}
        await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)

    await fire("a", "LeaderLost", "Broker has no leader")
    await fire("b", "LeaderLost", "Broker without leader again")
    await fire("c", "Unheard", "Broker has no space")
    listed = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    first, second, third = sorted(listed, key=lambda one: int(one["number"]))
    (found,) = await like(app, tenant, first)
    assert (found["id"], found["shared"]) == (second["id"], {"alerts": ["LeaderLost"], "words": ["broker", "leader"]})
    await app.call("POST", f"incidents/{third['id']}/merge", {"sources": [second["id"]]}, token=tenant.token)
    (found,) = await like(app, tenant, first)
    assert (found["id"], found["shared"]) == (third["id"], {"alerts": ["LeaderLost"], "words": ["broker"]})
    await app.call("POST", f"incidents/{second['id']}/unmerge", token=tenant.token)
    (found,) = await like(app, tenant, first)
    assert found["id"] == second["id"]
