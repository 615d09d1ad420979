"""Every step around a handler: sealed requests, the audit of calls, and what is refused in which order."""

import json
from datetime import UTC
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, KeySet

from functions.requests import MAX_BODY
from shared.platform.table_store import API_CALLS
from tests.fixtures import PASSWORD, App, Tenant, payload, register

HEADERS = {"content-type": "application/jose"}


async def seal(app: App, tenant: Tenant, path: str, body: Any, reply_key: ECKey, **changes: Any) -> bytes:
    """Seal a request as a caller does who knows nothing but the published keys."""
    published = KeySet.import_key_set((await app.call("GET", ".well-known/jwks.json")).json)
    key = published.keys[0]
    envelope = {
        "v": 1,
        "method": "POST",
        "path": path,
        "tenant": tenant.tenant_id,
        "iat": int(app.runtime.clock.now().timestamp()),
        "jti": uuid4().hex,
        "body": "" if body is None else json.dumps(body),
        "reply_to": reply_key.as_dict(private=False) | {"kid": None},
        **changes,
    }
    envelope["reply_to"] = {name: envelope["reply_to"][name] for name in ("kty", "crv", "x", "y")}
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": key.kid}
    return jwe.encrypt_compact(header, json.dumps(envelope).encode(), key).encode()


async def test_a_sealed_alert_is_stored_and_its_answer_is_sealed_for_the_sender(app: App, tenant: Tenant) -> None:
    reply_key = ECKey.generate_key("P-256")
    sealed = await seal(app, tenant, "/api/webhooks/alertmanager", payload("alertmanager-firing"), reply_key)
    answer = await app.call("POST", "webhooks/alertmanager", sealed, token=tenant.ingest_token, headers=HEADERS)
    assert (answer.status, answer.media_type) == (202, "application/jose")
    assert b"accepted" not in answer.content
    opened = json.loads(jwe.decrypt_compact(answer.content, reply_key).plaintext or b"")
    assert json.loads(opened["body"])["accepted"] == 1


async def test_a_sealed_request_works_once_and_only_where_it_was_meant(app: App, tenant: Tenant) -> None:
    reply_key = ECKey.generate_key("P-256")
    sealed = await seal(app, tenant, "/api/api-keys", {"name": "k", "role": "viewer"}, reply_key)
    elsewhere = await app.call("POST", "integrations", sealed, token=tenant.token, headers=HEADERS)
    assert (elsewhere.status, elsewhere.json["type"]) == (400, "/problems/cannot-be-opened")
    first = await app.call("POST", "api-keys", sealed, token=tenant.token, headers=HEADERS)
    again = await app.call("POST", "api-keys", sealed, token=tenant.token, headers=HEADERS)
    assert (first.status, again.status) == (201, 400)


async def test_a_problem_with_a_sealed_request_is_sealed_too(app: App, tenant: Tenant) -> None:
    reply_key = ECKey.generate_key("P-256")
    sealed = await seal(app, tenant, "/api/api-keys", {"name": "k"}, reply_key)
    answer = await app.call("POST", "api-keys", sealed, token=tenant.token, headers=HEADERS)
    assert (answer.status, answer.media_type) == (422, "application/jose")
    opened = json.loads(jwe.decrypt_compact(answer.content, reply_key).plaintext or b"")
    assert json.loads(opened["body"])["errors"] == [{"field": "role", "message": "Field required"}]


async def calls_of(app: App, partition: str) -> list[dict[str, Any]]:
    client = app.runtime.tables._connected().get_table_client(API_CALLS)
    return [dict(row) async for row in client.query_entities(f"PartitionKey eq '{partition}'")]


async def test_every_call_is_audited_also_a_refused_one(app: App, tenant: Tenant) -> None:
    await app.call("GET", "incidents", token=tenant.token, headers={"x-forwarded-for": "203.0.113.9"})
    await app.call("GET", "incidents/no-id", token=tenant.token)
    await app.call("GET", "incidents", token=tenant.ingest_token)
    await app.runtime.audit.close()
    day = app.runtime.clock.now().astimezone(UTC).strftime("%Y%m%d")
    found = await calls_of(app, f"{tenant.tenant_id}_{day}")
    outcomes = {(row["operation"], row["status"]) for row in found}
    assert {("list_incidents", 200), ("get_incident", 404), ("list_incidents", 403)} <= outcomes
    listed = next(row for row in found if (row["operation"], row["status"]) == ("list_incidents", 200))
    assert (listed["actor_name"], listed["address"]) == (tenant.email, "203.0.113.9")
    assert tenant.token not in json.dumps(found, default=str)


@pytest.mark.parametrize(
    ("token", "body", "status"),
    [
        ("", b" " * (MAX_BODY + 1), 413),
        ("", {"wrong": 1}, 401),
        ("ingest", {"wrong": 1}, 403),
        ("person", {"wrong": 1}, 422),
    ],
)
async def test_size_comes_before_who_and_who_before_what(
    app: App, tenant: Tenant, token: str, body: Any, status: int
) -> None:
    given = {"": "", "ingest": tenant.ingest_token, "person": tenant.token}[token]
    assert (await app.call("POST", "api-keys", body, token=given)).status == status


async def test_a_foreign_pages_form_cannot_sign_anybody_in(app: App, tenant: Tenant) -> None:
    body = {"email": tenant.email, "password": "a password nobody guesses"}
    for media_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = await app.call("POST", "auth/login", body, headers={"content-type": media_type})
        assert (answer.status, answer.json["type"]) == (415, "/problems/wrong-media-type")


async def test_where_everyone_may_call_a_stale_credential_harms_nobody(app: App) -> None:
    assert (await app.call("GET", "health/live", token="sre_key_gone")).status == 200


async def test_an_answer_without_a_body_is_sealed_with_its_true_status(app: App, tenant: Tenant) -> None:
    """A browser drops the body of a 204, and with it would go the proof of who answered."""
    reply_key = ECKey.generate_key("P-256")
    made = await app.call("POST", "api-keys", {"name": "k", "role": "viewer"}, token=tenant.token)
    path = f"api-keys/{made.json['id']}"
    sealed = await seal(app, tenant, f"/api/{path}", None, reply_key, method="DELETE")
    answer = await app.call("DELETE", path, sealed, token=tenant.token, headers=HEADERS)
    assert (answer.status, answer.media_type) == (200, "application/jose")
    opened = json.loads(jwe.decrypt_compact(answer.content, reply_key).plaintext or b"")
    assert (opened["status"], opened["body"]) == (204, "")


async def test_an_answer_that_the_caller_has_is_sealed_with_its_true_status(app: App, tenant: Tenant) -> None:
    reply_key = ECKey.generate_key("P-256")
    etag = (await app.call("GET", "incidents", token=tenant.token)).headers["ETag"]
    sealed = await seal(app, tenant, "/api/incidents", None, reply_key, method="GET")
    headers = HEADERS | {"if-none-match": etag}
    answer = await app.call("GET", "incidents", sealed, token=tenant.token, headers=headers)
    assert (answer.status, answer.media_type) == (200, "application/jose")
    assert json.loads(jwe.decrypt_compact(answer.content, reply_key).plaintext or b"")["status"] == 304


async def require_sealing(app: App, tenant: Tenant, required: bool = True) -> None:
    answer = await app.call("PATCH", "tenant", {"encryption_required": required}, token=tenant.token)
    assert (answer.status, answer.json["encryption_required"]) == (200, required)


async def test_a_tenant_that_requires_it_takes_sealed_requests_only(app: App, tenant: Tenant) -> None:
    assert (await app.call("GET", "incidents", token=tenant.token)).status == 200
    await require_sealing(app, tenant)
    for method, path, body in (("GET", "incidents", None), ("POST", "api-keys", {"name": "k", "role": "viewer"})):
        plain = await app.call(method, path, body, token=tenant.token)
        assert (plain.status, plain.json["type"]) == (403, "/problems/sealing-required")
        assert "application/jose" in plain.json["detail"]
        assert "Sealed-Request" in plain.json["detail"]
    sealed = await seal(
        app, tenant, "/api/api-keys", {"name": "k", "role": "viewer"}, reply_key := ECKey.generate_key("P-256")
    )
    answer = await app.call("POST", "api-keys", sealed, token=tenant.token, headers=HEADERS)
    assert (answer.status, answer.media_type) == (201, "application/jose")
    key = json.loads(json.loads(jwe.decrypt_compact(answer.content, reply_key).plaintext or b"")["body"])["key"]
    assert (await app.call("GET", "incidents", token=key)).status == 403


async def test_a_request_without_a_body_is_sealed_in_a_header(app: App, tenant: Tenant) -> None:
    await require_sealing(app, tenant)
    reply_key = ECKey.generate_key("P-256")
    sealed = (await seal(app, tenant, "/api/incidents", None, reply_key, method="GET")).decode()
    answer = await app.call("GET", "incidents", token=tenant.token, headers={"sealed-request": sealed})
    assert (answer.status, answer.media_type) == (200, "application/jose")
    opened = json.loads(jwe.decrypt_compact(answer.content, reply_key).plaintext or b"")
    assert json.loads(opened["body"])["items"] == []
    again = await app.call("GET", "incidents", token=tenant.token, headers={"sealed-request": sealed})
    assert (again.status, again.json["type"]) == (400, "/problems/cannot-be-opened")


async def test_a_sealed_header_beside_a_plain_body_seals_nothing(app: App, tenant: Tenant) -> None:
    await require_sealing(app, tenant)
    sealed = (await seal(app, tenant, "/api/api-keys", None, ECKey.generate_key("P-256"))).decode()
    body = {"name": "k", "role": "viewer"}
    answer = await app.call("POST", "api-keys", body, token=tenant.token, headers={"sealed-request": sealed})
    assert (answer.status, answer.json["type"]) == (403, "/problems/sealing-required")


async def test_alerts_and_signing_in_may_be_plain_whatever_a_tenant_requires(app: App, tenant: Tenant) -> None:
    await require_sealing(app, tenant)
    alerts = await app.call("POST", "webhooks/alertmanager", payload("alertmanager-firing"), token=tenant.ingest_token)
    assert alerts.status == 202
    signed_in = await app.call("POST", "auth/login", {"email": tenant.email, "password": PASSWORD})
    assert signed_in.status == 200
    assert (await app.call("GET", "health/live")).status == 200


async def test_other_tenants_are_not_asked_for_what_one_requires(app: App, tenant: Tenant) -> None:
    other = await register(app)
    await require_sealing(app, tenant)
    assert (await app.call("GET", "incidents", token=other.token)).status == 200


async def test_what_a_tenant_requires_ends_with_a_sealed_request(app: App, tenant: Tenant) -> None:
    await require_sealing(app, tenant)
    body, key = {"encryption_required": False}, ECKey.generate_key("P-256")
    sealed = await seal(app, tenant, "/api/tenant", body, key, method="PATCH")
    assert (await app.call("PATCH", "tenant", sealed, token=tenant.token, headers=HEADERS)).status == 200
    assert (await app.call("GET", "incidents", token=tenant.token)).status == 200


@pytest.mark.parametrize("path", ["audit/export?kind=changes&q=", "alerts?service=", "incidents?q="])
async def test_half_a_character_in_a_query_is_refused_by_its_field(app: App, tenant: Tenant, path: str) -> None:
    answer = await app.call("GET", f"{path}\ud800", token=tenant.token)
    named = path.rpartition("&")[2].rpartition("?")[2].removesuffix("=")
    assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (422, [named])


async def test_scripts_of_the_app_on_another_origin_may_read_what_headers_tell(app: App, tenant: Tenant) -> None:
    answer = await app.call("GET", "incidents", token=tenant.token)
    exposed = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    told = {"ETag", "Link", "RateLimit", "X-Request-Id"} & set(answer.headers)
    assert {"ETag", "X-Request-Id"} <= told <= exposed
