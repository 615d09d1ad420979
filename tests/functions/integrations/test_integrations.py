"""Integrations: made, shown, changed, and never with what is secret of them."""

import json
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from functions.openapi import endpoints
from shared.integrations.events import IntegrationCreated, IntegrationUpdated
from shared.integrations.values import WEBHOOKS, IntegrationKind
from tests.fixtures import App, Tenant, register
from tests.shared.platform.recording import Log

BEARER = {"type": "bearer", "token": "hunter2-bearer"}
BASIC = {"type": "basic", "username": "scraper", "password": "hunter2-basic"}
URL = "https://192.0.2.1"  # for documentation (RFC 5737): never looked up, never called


async def make(app: App, tenant: Tenant, **given: Any) -> dict[str, Any]:
    answer = await app.call("POST", "integrations", {"kind": "prometheus", "name": "main", **given}, token=tenant.token)
    assert answer.status == 201, answer.content
    made: dict[str, Any] = answer.json
    return made


async def patch(app: App, tenant: Tenant, one: dict[str, Any], body: Any, **headers: str) -> Any:
    return await app.call("PATCH", f"integrations/{one['id']}", body, token=tenant.token, headers=headers)


@pytest.mark.parametrize("kind", IntegrationKind)
async def test_every_kind_can_be_made_and_shown(app: App, tenant: Tenant, kind: IntegrationKind) -> None:
    made = await make(app, tenant, kind=kind.value, base_url=f"{URL}:9090/prometheus/", credentials=BEARER)
    shown = (await app.call("GET", f"integrations/{made['id']}", token=tenant.token)).json
    assert shown == {key: value for key, value in made.items() if key != "token"} | {"last_check": None}
    assert (shown["kind"], shown["base_url"]) == (kind.value, f"{URL}:9090/prometheus")
    assert (shown["version"], shown["has_credentials"]) == (1, True)


def test_a_webhook_that_is_named_is_there() -> None:
    assert set(WEBHOOKS.values()) <= {one.route for one in endpoints() if one.method == "POST"}


@pytest.mark.parametrize("credentials", [BEARER, BASIC])
async def test_credentials_are_shown_nowhere_and_stored_sealed(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection, credentials: dict[str, str]
) -> None:
    made = await make(app, tenant, base_url=URL, credentials=credentials)
    path = f"integrations/{made['id']}"
    answers = [
        await app.call("GET", path, token=tenant.token),
        await app.call("GET", "integrations", token=tenant.token),
        await patch(app, tenant, made, {"credentials": credentials, "name": "other"}),
        await app.call("POST", f"{path}/rotate", token=tenant.token),
    ]
    assert [answer.status for answer in answers] == [200, 200, 200, 200]
    stored = await owner.execute("select to_jsonb(i)::text from monitoring_integrations i where id = %s", (made["id"],))
    rows = await stored.fetchall()
    events = await Log(owner, tenant.tenant_id).rows()  # type: ignore[arg-type]  # psycopg takes text for a uuid
    told = json.dumps([made, *(answer.json for answer in answers), rows, events], default=str)
    assert "hunter2" not in told
    assert "Basic c2" not in told
    assert '\\"v1.k1.' in told


async def test_a_change_raises_the_version_and_says_what_changed(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    made = await make(app, tenant)
    answer = await patch(app, tenant, made, {"name": "renamed", "base_url": URL})
    assert (answer.json["name"], answer.json["base_url"], answer.json["version"]) == ("renamed", URL, 2)
    assert answer.headers["ETag"] == '"2"'
    [event] = [
        row
        for row in await Log(owner, tenant.tenant_id).rows(IntegrationUpdated)  # type: ignore[arg-type]  # as above
        if str(row["subject_id"]) == made["id"]
    ]
    assert event["changes"] == {"name": ["main", "renamed"], "base_url": [None, URL]}
    assert event["actor_name"] == tenant.email


async def test_a_change_of_nothing_changes_nothing(app: App, tenant: Tenant, owner: psycopg.AsyncConnection) -> None:
    made = await make(app, tenant, base_url=URL, credentials=BEARER)
    for body in ({}, {"name": "main"}, {"base_url": f"{URL}/"}):
        assert (await patch(app, tenant, made, body)).json["version"] == 1
    log = Log(owner, tenant.tenant_id)  # type: ignore[arg-type]  # as above
    assert await log.rows(IntegrationUpdated) == []
    assert len(await log.rows(IntegrationCreated)) == 2


async def test_null_takes_away(app: App, tenant: Tenant) -> None:
    made = await make(app, tenant, base_url=URL, credentials=BEARER)
    without = (await patch(app, tenant, made, {"credentials": None})).json
    assert (without["base_url"], without["has_credentials"]) == (URL, False)
    assert (await patch(app, tenant, made, {"base_url": None})).json["base_url"] is None


async def test_who_saw_an_older_version_changes_nothing(app: App, tenant: Tenant) -> None:
    made = await make(app, tenant)
    assert (await patch(app, tenant, made, {"name": "a"}, **{"if-match": '"1"'})).status == 200
    assert (await patch(app, tenant, made, {"name": "b"}, **{"if-match": '"1"'})).status == 412
    assert (await patch(app, tenant, made, {"name": "b"}, **{"if-match": '"2"'})).status == 200
    rotated = await app.call(
        "POST", f"integrations/{made['id']}/rotate", token=tenant.token, headers={"if-match": '"2"'}
    )
    assert rotated.status == 412


@pytest.mark.parametrize(
    "elsewhere",
    ["https://192.0.2.2", "http://192.0.2.1", f"{URL}:8443", None],
)
async def test_stored_credentials_do_not_follow_to_another_address(
    app: App, tenant: Tenant, elsewhere: str | None
) -> None:
    made = await make(app, tenant, base_url=URL, credentials=BEARER)
    refused = await patch(app, tenant, made, {"base_url": elsewhere})
    assert (refused.status, refused.json["type"]) == (422, "/problems/credentials-needed")
    assert refused.json["errors"][0]["field"] == "credentials"
    for credentials in (BASIC, None):
        allowed = await patch(app, tenant, made, {"base_url": elsewhere, "credentials": credentials})
        assert allowed.status == 200
    other_path = await make(app, tenant, base_url=URL, credentials=BEARER)
    assert (await patch(app, tenant, other_path, {"base_url": f"{URL}:443/select/0"})).status == 200


async def test_what_was_revoked_keeps_no_credentials_and_changes_no_more(app: App, tenant: Tenant) -> None:
    made = await make(app, tenant, base_url=URL, credentials=BEARER)
    path = f"integrations/{made['id']}"
    assert (await app.call("DELETE", path, token=tenant.token)).status == 204
    shown = (await app.call("GET", path, token=tenant.token)).json
    assert (shown["has_credentials"], shown["revoked_at"] is not None) == (False, True)
    for answer in (
        await patch(app, tenant, made, {"name": "b"}),
        await app.call("POST", f"{path}/rotate", token=tenant.token),
        await app.call("POST", f"{path}/test", token=tenant.token),
    ):
        assert (answer.status, answer.json["type"]) == (409, "/problems/integration-ended")
    assert (await app.call("DELETE", path, token=tenant.token)).status == 204


@pytest.mark.parametrize(
    ("method", "below"), [("GET", ""), ("PATCH", ""), ("GET", "/checks"), ("POST", "/test"), ("POST", "/rotate")]
)
async def test_another_tenant_s_integration_and_none_look_alike(
    app: App, tenant: Tenant, method: str, below: str
) -> None:
    other = await register(app)
    answers = [
        await app.call(method, f"integrations/{one}{below}", token=tenant.token)
        for one in (other.integration_id, uuid4())
    ]
    assert [answer.status for answer in answers] == [404, 404]
    assert len({json.dumps({**answer.json, "trace_id": ""}) for answer in answers}) == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "nagios"}, "kind"),
        ({"name": " "}, "name"),
        ({"base_url": "prometheus.example.com"}, "base_url"),
        ({"base_url": "https://user:hunter2@example.com"}, "base_url"),
        ({"base_url": "https://example.com/?token=hunter2"}, "base_url"),
        ({"base_url": "https://exämple.com/"}, "base_url"),
        ({"base_url": "https://example.com:0/"}, "base_url"),
        ({"base_url": "ftp://example.com/"}, "base_url"),
        ({"credentials": {"type": "digest"}}, "credentials"),
        ({"credentials": {"type": "bearer", "token": "hunter2\r\nX: y"}}, "credentials.bearer.token"),
        ({"credentials": {"type": "bearer", "token": "hünter2"}}, "credentials.bearer.token"),
        ({"credentials": {"type": "bearer", "token": ""}}, "credentials.bearer.token"),
        ({"credentials": {**BASIC, "username": "a:b"}}, "credentials.basic.username"),
        ({"credentials": {**BASIC, "password": "hunter2\n"}}, "credentials.basic.password"),
        ({"credentials": {**BASIC, "extra": "hunter2"}}, "credentials.basic.extra"),
        ({"token": "hunter2"}, "token"),
    ],
)
async def test_a_field_that_is_wrong_is_named_and_not_echoed(
    app: App, tenant: Tenant, given: dict[str, Any], field: str
) -> None:
    body = {"kind": "prometheus", "name": "main", **given}
    answer = await app.call("POST", "integrations", body, token=tenant.token)
    assert answer.status == 422
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert "hunter2" not in answer.content.decode()


@pytest.mark.parametrize("body", [{"name": ""}, {"name": None}, {"kind": "grafana"}, {"base_url": "x"}])
async def test_a_change_is_held_to_the_same_rules(app: App, tenant: Tenant, body: Any) -> None:
    assert (await patch(app, tenant, await make(app, tenant), body)).status == 422
