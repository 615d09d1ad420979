"""A creating request that is sent twice takes effect once."""

import asyncio
from base64 import b64encode
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from shared.platform.database import DatabaseAway
from shared.platform.vault import Place, Vault
from tests.fixtures import App, DatabaseUrls, StoppedClock, Tenant, register, sign_in_again
from tests.functions.access.people import invited
from tests.shared.platform.offline import offline

BODY = {"name": "program", "role": "viewer"}
KEY = {"idempotency-key": "order-66-of-2026"}


async def keys(app: App, tenant: Tenant) -> list[Any]:
    items: list[Any] = (await app.call("GET", "api-keys", token=tenant.token)).json["items"]
    return items


async def test_the_second_time_gives_the_first_answer_also_what_is_shown_once(app: App, tenant: Tenant) -> None:
    first = await app.call("POST", "api-keys", BODY, token=tenant.token, headers=KEY)
    again = await app.call("POST", "api-keys", BODY, token=tenant.token, headers=KEY)
    assert (first.status, again.status, again.json) == (201, 201, first.json)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(await keys(app, tenant)) == 1


async def test_many_at_once_create_one(app: App, tenant: Tenant) -> None:
    answers = await asyncio.gather(
        *(app.call("POST", "api-keys", BODY, token=tenant.token, headers=KEY) for _ in range(8))
    )
    assert {answer.status for answer in answers} <= {201, 409}
    assert len({answer.json["id"] for answer in answers if answer.status == 201}) == 1
    assert len(await keys(app, tenant)) == 1


async def test_another_request_under_the_same_key_is_refused(app: App, tenant: Tenant) -> None:
    await app.call("POST", "api-keys", BODY, token=tenant.token, headers=KEY)
    other = await app.call("POST", "api-keys", {**BODY, "name": "other"}, token=tenant.token, headers=KEY)
    assert (other.status, other.json["type"]) == (422, "/problems/key-reused")


async def test_a_refused_request_leaves_its_key_free(app: App, tenant: Tenant) -> None:
    admin = await invited(app, tenant, "admin")
    refused = await app.call("POST", "api-keys", {"name": "o", "role": "owner"}, token=admin.token, headers=KEY)
    assert refused.status == 403
    made = await app.call("POST", "api-keys", BODY, token=admin.token, headers=KEY)
    assert made.status == 201


async def test_callers_have_keys_of_their_own(app: App, tenant: Tenant) -> None:
    stranger = await register(app)
    ids = {
        (await app.call("POST", "api-keys", BODY, token=token, headers=KEY)).json["id"]
        for token in (tenant.token, stranger.token)
    }
    assert len(ids) == 2


async def test_a_crash_between_effect_and_answer_creates_nothing_twice(
    app: App, tenant: Tenant, database_urls: DatabaseUrls
) -> None:
    await app.call("POST", "api-keys", BODY, token=tenant.token, headers=KEY)
    with psycopg.connect(database_urls.owner) as connection:
        connection.execute("update idempotency_keys set answer = null where tenant_id = %s", (tenant.tenant_id,))
    again = await app.call("POST", "api-keys", BODY, token=tenant.token, headers=KEY)
    assert (again.status, again.json["type"]) == (409, "/problems/already-requested")
    assert len(await keys(app, tenant)) == 1


async def test_the_kept_answer_is_sealed(app: App, tenant: Tenant, database_urls: DatabaseUrls) -> None:
    made = await app.call("POST", "api-keys", BODY, token=tenant.token, headers=KEY)
    with psycopg.connect(database_urls.owner) as connection:
        ((kept,),) = connection.execute(
            "select answer from idempotency_keys where tenant_id = %s", (tenant.tenant_id,)
        ).fetchall()
    assert kept.startswith("v1.")
    assert made.json["key"] not in kept


async def test_after_a_day_a_key_is_free_again(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    await app.call("POST", "api-keys", BODY, token=tenant.token, headers=KEY)
    clock.advance(hours=25)
    await app.tick("forget_what_is_over")
    tenant = await sign_in_again(app, tenant)
    assert (await app.call("POST", "api-keys", BODY, token=tenant.token, headers=KEY)).status == 201
    assert len(await keys(app, tenant)) == 2


@pytest.mark.parametrize("key", ["short", "x" * 256, "with space in it"])
async def test_a_key_that_is_none_is_refused(app: App, tenant: Tenant, key: str) -> None:
    answer = await app.call("POST", "api-keys", BODY, token=tenant.token, headers={"idempotency-key": key})
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "Idempotency-Key")


async def test_a_key_belongs_to_the_project_it_was_used_in(app: App, tenant: Tenant) -> None:
    first = await app.call("POST", "api-keys", BODY, token=tenant.token, headers=KEY)
    second = (await app.call("POST", "projects", {"name": "Second"}, token=tenant.token)).json
    switched = await app.call("POST", "auth/switch-project", {"project_id": second["id"]}, token=tenant.token)
    other = await app.call("POST", "api-keys", BODY, token=switched.json["access_token"], headers=KEY)
    assert (first.status, other.status, other.json["type"]) == (201, 422, "/problems/key-reused")


async def test_a_project_is_created_once_too(app: App, tenant: Tenant) -> None:
    made = [
        (await app.call("POST", "projects", {"name": "Second"}, token=tenant.token, headers=KEY)).json["id"]
        for _ in range(2)
    ]
    assert made[0] == made[1]


async def test_an_answer_whose_vault_key_was_dropped_is_not_there(app: App, tenant: Tenant) -> None:
    assert (await app.call("POST", "api-keys", BODY, token=tenant.token, headers=KEY)).status == 201
    dropped = Vault(offline(VAULT_KEYS=f"k2:{b64encode(b'x' * 32).decode()}"))
    later = App(replace(app.runtime, vault=dropped))
    again = await later.call("POST", "api-keys", BODY, token=tenant.token, headers=KEY)
    await later.mailbox.close()
    assert (again.status, again.json["type"]) == (409, "/problems/already-requested")
    assert len(await keys(app, tenant)) == 1


class Losing(Vault):
    """In whose moment of sealing the database goes away."""

    def seal(self, _text: str, _place: Place) -> str:
        raise DatabaseAway


async def test_what_was_created_is_answered_although_the_answer_cannot_be_kept(
    app: App, tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    losing = App(replace(app.runtime, vault=Losing(app.runtime.settings)))
    made = await losing.call("POST", "api-keys", BODY, token=tenant.token, headers=KEY)
    await losing.mailbox.close()
    assert made.status == 201
    assert "an answer could not be kept" in caplog.text
    again = await app.call("POST", "api-keys", BODY, token=tenant.token, headers=KEY)
    assert (again.status, again.json["type"]) == (409, "/problems/already-requested")
    assert [one["id"] for one in await keys(app, tenant)] == [made.json["id"]]


async def test_the_first_answer_comes_again_with_its_etag(app: App, tenant: Tenant) -> None:
    made = [await app.call("POST", "projects", {"name": "Second"}, token=tenant.token, headers=KEY) for _ in range(2)]
    assert [one.headers["ETag"] for one in made] == ['"1"', '"1"']
