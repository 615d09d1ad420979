"""Live events: who may hear them, and how a gap is filled."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fixtures import App, Tenant, opened, payload, register
from tests.functions.realtime.live import heard, listening

TYPES = {"incident.created", "alert.fired", "alert.resolved", "incident.updated", "hypothesis.generated"}


def claims(url: str) -> dict[str, Any]:
    token = parse_qs(urlsplit(url).query)["access_token"][0]
    body = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


async def test_negotiate_gives_the_callers_own_groups_and_no_roles(app: App, tenant: Tenant) -> None:
    answer = await app.call("POST", "realtime/negotiate", token=tenant.token)
    prefix = f"t.{tenant.tenant_id}.p.{tenant.project_id}"
    wanted = [f"{prefix}.alerts", f"{prefix}.hypotheses", f"{prefix}.incidents"]
    assert (answer.status, answer.json["groups"]) == (200, wanted)
    found = claims(answer.json["url"])
    assert sorted(found["webpubsub.group"]) == wanted
    assert not found.get("role")
    assert found["sub"] == f"{tenant.tenant_id}:{tenant.user_id}"


async def test_channels_can_be_chosen_and_nothing_else(app: App, tenant: Tenant) -> None:
    chosen = await app.call("POST", "realtime/negotiate", {"channels": ["alerts"]}, token=tenant.token)
    assert [group.rpartition(".")[2] for group in chosen.json["groups"]] == ["alerts"]
    other = f"t.{tenant.tenant_id}.p.{tenant.project_id}.alerts"
    for body in ({"channels": [other]}, {"groups": ["x"]}):
        assert (await app.call("POST", "realtime/negotiate", body, token=tenant.token)).status == 422


async def test_a_gap_is_filled_from_the_log_in_order_without_holes(app: App, tenant: Tenant) -> None:
    await opened(app, tenant)
    await app.call("POST", "webhooks/alertmanager", payload("alertmanager-resolved"), token=tenant.ingest_token)
    await app.carry()
    everything = (await app.call("GET", "events", token=tenant.token)).json["items"]
    assert [one["seq"] for one in everything] == list(range(1, len(everything) + 1))
    assert {one["type"] for one in everything} == TYPES
    for seen in range(len(everything) + 1):
        rest = (await app.call("GET", f"events?after={seen}", token=tenant.token)).json["items"]
        assert rest == everything[seen:]


async def test_a_live_connection_hears_the_same_events_as_the_log_has(app: App, tenant: Tenant) -> None:
    async with listening(app, tenant.token) as socket:
        await opened(app, tenant)
        await app.call("POST", "webhooks/alertmanager", payload("alertmanager-resolved"), token=tenant.ingest_token)
        await app.carry()
        logged = (await app.call("GET", "events", token=tenant.token)).json["items"]
        told = await heard(socket, logged[-1]["seq"])
    assert {one["type"] for one in told} == TYPES
    said = {one["seq"]: {name: one[name] for name in ("id", "type", "data")} for one in told}
    assert said == {one["seq"]: {name: one[name] for name in ("id", "type", "data")} for one in logged}


async def test_pages_of_events_join_up(app: App, tenant: Tenant) -> None:
    await opened(app, tenant, "alertmanager-grouped-20-prometheus-firing")
    await app.carry()
    first = (await app.call("GET", "events?limit=15", token=tenant.token)).json
    second = (await app.call("GET", f"events?limit=15&cursor={first['next_cursor']}", token=tenant.token)).json
    seqs = [one["seq"] for one in [*first["items"], *second["items"]]]
    assert seqs == list(range(1, len(seqs) + 1))
    assert second["next_cursor"] is None


async def test_another_project_hears_nothing(app: App, tenant: Tenant) -> None:
    await opened(app, tenant)
    await app.carry()
    stranger = await register(app)
    assert (await app.call("GET", "events", token=stranger.token)).json["items"] == []
