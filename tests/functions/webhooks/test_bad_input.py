"""Bad input gets a clear answer and loses nothing."""

import json
from random import Random
from typing import Any

import psycopg
import pytest

from functions.requests import MAX_BODY
from shared.alerts.values import MAX_TRUNCATED
from tests.fixtures import App, DatabaseUrls, Tenant, payload


def alert(name: str, **labels: str) -> dict[str, Any]:
    return {
        "status": "firing",
        "labels": {"alertname": name, "service": "checkout", **labels},
        "annotations": {"summary": f"{name} happens"},
        "startsAt": "2026-11-20T10:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
    }


def notification(*alerts: dict[str, Any]) -> dict[str, Any]:
    return {"version": "4", "alerts": list(alerts), "groupLabels": {"service": "checkout"}}


def dead_letters(urls: DatabaseUrls, tenant: Tenant) -> list[tuple[str, str]]:
    with psycopg.connect(urls.owner) as connection:
        return connection.execute(
            "select reason, content from dead_letters where tenant_id = %s", (tenant.tenant_id,)
        ).fetchall()


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        (b"not json", 400, "/problems/malformed"),
        (b"", 400, "/problems/malformed"),
        (b"[]", 400, "/problems/malformed"),
        (b'{"alerts": 7}', 400, "/problems/malformed"),
        (b'{"alerts": [], "truncatedAlerts": -1}', 400, "/problems/malformed"),
        (b'{"alerts": [NaN]}', 400, "/problems/malformed"),
        (b'{"alerts": ' + b"[" * 100_000, 400, "/problems/malformed"),
        (b'{"alerts": [], "deep": ' + b"[" * 20 + b"]" * 20 + b"}", 400, "/problems/malformed"),
        (b" " * (MAX_BODY + 1), 413, "/problems/too-large"),
    ],
)
async def test_a_body_that_can_never_succeed_is_refused(
    app: App, tenant: Tenant, body: bytes, status: int, problem: str
) -> None:
    answer = await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    assert (answer.status, answer.json["type"]) == (status, problem)
    assert answer.media_type == "application/problem+json"


async def test_nesting_is_bearable_up_to_twenty_levels(app: App, tenant: Tenant) -> None:
    body = b'{"alerts": [], "deep": ' + b"[" * 19 + b"]" * 19 + b"}"
    assert (await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)).status == 202


async def test_a_wrong_token_is_refused_whatever_is_wrong_with_it(app: App, tenant: Tenant) -> None:
    forged = tenant.ingest_token[:-2] + ("AA" if not tenant.ingest_token.endswith("AA") else "BB")
    for token in ("nonsense", "sre_ingest_nonsense", forged):
        answer = await app.call("POST", "webhooks/alertmanager", payload("alertmanager-firing"), token=token)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert (await app.call("POST", "webhooks/alertmanager", payload("alertmanager-firing"))).status == 401


async def test_a_sender_without_a_token_is_told_so_whatever_it_calls_its_body(app: App) -> None:
    headers = {"content-type": "text/plain"}
    answer = await app.call("POST", "webhooks/alertmanager", payload("alertmanager-firing"), headers=headers)
    assert (answer.status, answer.json["type"]) == (401, "/problems/unauthenticated")


async def test_a_person_cannot_post_alerts_and_an_integration_can_do_nothing_else(app: App, tenant: Tenant) -> None:
    posted = await app.call("POST", "webhooks/alertmanager", payload("alertmanager-firing"), token=tenant.token)
    read = await app.call("GET", "incidents", token=tenant.ingest_token)
    assert (posted.status, read.status) == (403, 403)


async def test_a_revoked_or_rotated_token_is_refused_and_nothing_is_stored(app: App, tenant: Tenant) -> None:
    path = f"integrations/{tenant.integration_id}"
    rotated = await app.call("POST", f"{path}/rotate", token=tenant.token)
    body = payload("alertmanager-firing")
    assert (await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)).status == 401
    assert (await app.call("POST", "webhooks/alertmanager", body, token=rotated.json["token"])).status == 202
    assert (await app.call("DELETE", path, token=tenant.token)).status == 204
    again = notification(alert("Another"))
    assert (await app.call("POST", "webhooks/alertmanager", again, token=rotated.json["token"])).status == 401
    assert len((await app.call("GET", "incidents", token=tenant.token)).json["items"]) == 1


async def test_one_bad_alert_among_a_hundred_goes_to_the_dead_letters(
    app: App, tenant: Tenant, database_urls: DatabaseUrls
) -> None:
    good = [alert("Good", pod=f"pod-{n}") for n in range(99)]
    bad = alert("Bad", note="before\x00after")
    answer = await app.call(
        "POST", "webhooks/alertmanager", notification(*good[:50], bad, *good[50:]), token=tenant.ingest_token
    )
    assert (answer.status, answer.json["accepted"], answer.json["rejected"]) == (202, 99, 1)
    ((reason, content),) = dead_letters(database_urls, tenant)
    assert reason == "labels.note: Value error, must not contain NUL"
    assert json.loads(content)["labels"]["note"] == "before\N{REPLACEMENT CHARACTER}after"
    (incident,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    assert incident["alert_count"] == 99


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"labels": {}}, "labels"),
        ({"labels": {"a": 7}}, "labels.a"),
        ({"labels": {"a\x00b": 7}}, "labels.a\N{REPLACEMENT CHARACTER}b"),
        ({"labels": {f"l{n}": "" for n in range(65)}}, "labels"),
        ({"labels": {"a": "x" * 1_025}}, "labels.a"),
        ({"labels": {"n" * 129: "x"}}, "labels." + "n" * 129),
        ({"startsAt": "1999-12-31T23:59:59Z"}, "startsAt"),
        ({"startsAt": "10000-01-01T00:00:00Z"}, "startsAt"),
        ({"status": "burning"}, "status"),
    ],
)
async def test_a_bad_alert_names_its_field(
    app: App, tenant: Tenant, database_urls: DatabaseUrls, change: dict[str, Any], field: str
) -> None:
    body = notification({**alert("Bad"), **change})
    for _ in range(2):
        answer = await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
        assert (answer.status, answer.json["accepted"], answer.json["rejected"]) == (202, 0, 1)
    ((reason, _),) = dead_letters(database_urls, tenant)
    assert reason.startswith(field)


async def test_a_count_that_no_column_holds_costs_no_alert(app: App, tenant: Tenant) -> None:
    body = notification(alert("Many")) | {"truncatedAlerts": 10**400}
    answer = await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    assert (answer.status, answer.json["accepted"], answer.json["stored"]) == (202, 1, "database")
    (incident,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    assert incident["truncated_alerts"] == MAX_TRUNCATED


async def test_an_endless_annotation_is_cut_and_marked(app: App, tenant: Tenant) -> None:
    sent = alert("Wordy")
    sent["annotations"]["description"] = "ä" * 10_000
    await app.call("POST", "webhooks/alertmanager", notification(sent), token=tenant.ingest_token)
    (incident,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    (stored,) = (await app.call("GET", f"incidents/{incident['id']}/alerts", token=tenant.token)).json["items"]
    assert stored["cut"] is True
    assert stored["annotations"]["description"].endswith("… [cut]")
    assert len(stored["annotations"]["description"].encode()) <= 8 * 1_024


async def test_a_service_of_a_name_that_no_index_takes_is_known_by_its_beginning(app: App, tenant: Tenant) -> None:
    name = "".join(map(chr, Random(1).sample(range(0x20000, 0x2A6DF), 1_024)))  # 4,096 bytes that nothing compresses
    body = notification(alert("Long", service=name))
    await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    (incident,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    assert incident["service_name"] == name[:200]


async def test_unknown_keys_of_a_sender_are_ignored(app: App, tenant: Tenant) -> None:
    body = notification(alert("New") | {"inventedKey": {"deep": [1]}}) | {"anotherKey": None}
    answer = await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    assert answer.json["accepted"] == 1
