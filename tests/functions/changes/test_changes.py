"""Changes in and listed: each once, the latest first, and a bad one alone refused."""

from typing import Any

import psycopg
import pytest

from shared.changes.events import ChangeRecorded
from tests.fixtures import App, StoppedClock, Tenant, register
from tests.shared.platform.recording import Log

DEPLOY = {
    "id": "build-7",
    "at": "2026-11-20T10:00:00Z",
    "kind": "deploy",
    "component": "checkout",
    "title": "checkout 1.2.3",
    "detail": "Raises the pool to 40 connections",
    "author": "ann",
    "url": "https://ci.example.com/7",
}


async def tell(app: App, tenant: Tenant, body: Any) -> Any:
    answer = await app.call("POST", "webhooks/changes", body, token=tenant.ingest_token)
    assert answer.status == 202, answer.content
    return answer.json


async def listed(app: App, tenant: Tenant, query: str = "") -> list[dict[str, Any]]:
    answer = await app.call("GET", f"changes{query}", token=tenant.token)
    assert answer.status == 200, answer.content
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def titles(found: list[dict[str, Any]]) -> list[str]:
    return [one["title"] for one in found]


@pytest.mark.parametrize("body", [DEPLOY, [DEPLOY], {"changes": [DEPLOY]}, {"changes": [DEPLOY], "sender": "ci"}])
async def test_a_change_is_stored_as_it_was_told(app: App, tenant: Tenant, clock: StoppedClock, body: Any) -> None:
    told = await tell(app, tenant, body)
    assert (told["accepted"], told["rejected"], told["stored"]) == (1, 0, "database")
    (found,) = await listed(app, tenant)
    assert {name: found[name] for name in DEPLOY if name != "id"} == {k: v for k, v in DEPLOY.items() if k != "id"}
    assert (found["external_id"], found["integration_id"]) == ("build-7", tenant.integration_id)
    assert found["received_at"] == clock.now().isoformat().replace("+00:00", "Z")


async def test_a_change_that_is_told_again_is_the_same_one(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    unnamed = {name: value for name, value in DEPLOY.items() if name != "id"}
    for body in (DEPLOY, [DEPLOY, DEPLOY], {**DEPLOY, "title": "told otherwise"}, unnamed, [unnamed, DEPLOY]):
        await tell(app, tenant, body)
    assert titles(await listed(app, tenant)) == ["checkout 1.2.3"] * 2
    events = await Log(owner, tenant.tenant_id).rows(ChangeRecorded)  # type: ignore[arg-type]  # psycopg takes text for a uuid
    assert [(one["actor_kind"], str(one["actor_id"]), one["data"]["component"]) for one in events] == [
        ("integration", tenant.integration_id, "checkout")
    ] * 2


async def test_two_senders_may_use_one_id(app: App, tenant: Tenant) -> None:
    await tell(app, tenant, DEPLOY)
    body = {"kind": "changes", "name": "CI"}
    other = (await app.call("POST", "integrations", body, token=tenant.token)).json
    assert other["webhook_path"] == "webhooks/changes"
    await app.call("POST", "webhooks/changes", DEPLOY, token=other["token"])
    assert len({one["integration_id"] for one in await listed(app, tenant)}) == 2


async def test_a_bad_change_is_refused_alone_and_kept(app: App, tenant: Tenant, owner: psycopg.AsyncConnection) -> None:
    bad = [
        {"id": "no title"},
        {"title": "x", "at": "1999-12-31T00:00:00Z"},
        {"title": "x\u0000"},
        {"title": "x", "url": "javascript:alert(1)"},
        {"title": "x", "component": "c" * 201},
        7,
    ]
    told = await tell(app, tenant, [DEPLOY, *bad])
    assert (told["accepted"], told["rejected"]) == (1, len(bad))
    found = await owner.execute(
        "select reason from dead_letters where tenant_id = %s and source = 'changes'", (tenant.tenant_id,)
    )
    assert len(await found.fetchall()) == len(bad)
    assert titles(await listed(app, tenant)) == ["checkout 1.2.3"]


@pytest.mark.parametrize("body", [b"", b"no json", b"7", b'"x"', b'{"changes": 7}', b"[" * 100])
async def test_what_is_no_list_of_changes_is_refused(app: App, tenant: Tenant, body: bytes) -> None:
    answer = await app.call("POST", "webhooks/changes", body, token=tenant.ingest_token)
    assert (answer.status, answer.json["type"]) == (400, "/problems/malformed")
    assert await listed(app, tenant) == []


async def test_a_change_without_a_time_happened_now(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    await tell(app, tenant, {"title": "something"})
    (found,) = await listed(app, tenant)
    assert found["at"] == clock.now().isoformat().replace("+00:00", "Z")
    assert (found["kind"], found["component"], found["external_id"][:7]) == ("other", "", "sha256:")


async def test_long_detail_is_cut_and_controls_are_left_out(app: App, tenant: Tenant) -> None:
    await tell(app, tenant, {"title": "\x1b[31mred", "detail": "ü" * 10_000})
    (found,) = await listed(app, tenant)
    assert found["title"] == "[31mred"
    assert len(found["detail"].encode()) <= 8 * 1_024
    assert found["detail"].endswith("[cut]")


async def test_filters_narrow_the_list(app: App, tenant: Tenant) -> None:
    hours = {"08": "deploy", "09": "config", "10": "deploy"}
    await tell(
        app,
        tenant,
        [
            {"title": hour, "at": f"2026-11-20T{hour}:00:00Z", "kind": kind, "component": f"c{kind}"}
            for hour, kind in hours.items()
        ],
    )
    assert titles(await listed(app, tenant)) == ["10", "09", "08"]
    assert titles(await listed(app, tenant, "?kind=deploy")) == ["10", "08"]
    assert titles(await listed(app, tenant, "?component=cconfig")) == ["09"]
    assert titles(await listed(app, tenant, "?from=2026-11-20T09:00:00Z&to=2026-11-20T10:00:00Z")) == ["09"]
    assert titles(await listed(app, tenant, "?component=ConfiG")) == []


async def test_pages_join_up_also_where_changes_happened_at_one_moment(app: App, tenant: Tenant) -> None:
    await tell(app, tenant, [{**DEPLOY, "id": str(n), "title": str(n)} for n in range(5)])
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await app.call("GET", f"changes?limit=2{cursor}", token=tenant.token)).json
        seen += titles(page["items"])
        cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None
    assert sorted(seen) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    "query",
    ["kind=deployment", "from=yesterday", "from=2026-11-20T09:00:00", "to=7x", "limit=0", "cursor=djE6MQ"],
)
async def test_a_wrong_query_names_its_field(app: App, tenant: Tenant, query: str) -> None:
    answer = await app.call("GET", f"changes?{query}", token=tenant.token)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, query.partition("=")[0])


async def test_another_tenant_sees_none_of_it(app: App, tenant: Tenant) -> None:
    await tell(app, tenant, DEPLOY)
    assert await listed(app, await register(app)) == []


async def test_a_revoked_token_tells_nothing(app: App, tenant: Tenant) -> None:
    await app.call("DELETE", f"integrations/{tenant.integration_id}", token=tenant.token)
    assert (await app.call("POST", "webhooks/changes", DEPLOY, token=tenant.ingest_token)).status == 401
    assert await listed(app, tenant) == []


async def test_times_of_other_zones_are_one_time(app: App, tenant: Tenant) -> None:
    await tell(app, tenant, {**DEPLOY, "at": "2026-11-20T12:00:00+02:00"})
    (found,) = await listed(app, tenant)
    assert found["at"] == "2026-11-20T10:00:00Z"
