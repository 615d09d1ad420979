"""Full-text search in the list of incidents."""

from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.fixtures import App, DatabaseUrls, StoppedClock, Tenant

TITLES = (
    "Connection pool of checkout is exhausted",
    "Checkout answers slowly",
    "KubePodCrashLooping",
    "Disk of payments-db-1 is full",
    "Pool of connections is getting low",
)


@pytest.fixture
async def library(app: App, tenant: Tenant) -> Tenant:
    """A tenant with an incident of each title, INC-1 to INC-5."""
    for number, title in enumerate(TITLES):
        alert = {
            "labels": {"alertname": f"A{number}", "service": "shop"},
            "annotations": {"summary": title},
            "startsAt": "2026-11-20T10:00:00Z",
        }
        body = {"alerts": [alert], "groupLabels": {"alertname": f"A{number}"}}
        await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    return tenant


async def found(app: App, tenant: Tenant, words: str, more: str = "") -> list[dict[str, Any]]:
    answer = await app.call("GET", f"incidents?q={words}{more}", token=tenant.token)
    assert answer.status == 200, answer.content
    items: list[dict[str, Any]] = answer.json["items"]
    return items


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("checkout", {1, 2}),
        ("CHECKOUT pool", {1}),
        ("connections", {1, 5}),
        ('"connection pool"', {1}),
        ("checkout -slowly", {1}),
        ("slowly or disk", {2, 4}),
        ("crash looping", {3}),
        ("KubePodCrashLooping", {3}),
        ("payments-db-1", {4}),
        ("INC-4", {4}),
        ("inc-4", {4}),
        ("4", {4}),
        ("shop", {1, 2, 3, 4, 5}),
        ("nowhere", set()),
        ("the", set()),
        ("   ", {1, 2, 3, 4, 5}),
        ("| ! ( ) : * <-> ' \\", set()),
        ("project:1", set()),
    ],
)
async def test_words_find_what_holds_them(app: App, library: Tenant, words: str, numbers: set[int]) -> None:
    assert {one["number"] for one in await found(app, library, words)} == numbers


async def test_the_best_match_comes_first(app: App, library: Tenant) -> None:
    assert [one["number"] for one in await found(app, library, "connection pool")] == [1, 5]


async def test_of_equals_the_newer_comes_first(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    for number in range(3):
        alert = {"labels": {"alertname": "Twin", "instance": str(number)}, "startsAt": "2026-11-20T10:00:00Z"}
        body = {"alerts": [alert], "groupLabels": {"instance": str(number)}}
        await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
        clock.advance(minutes=2)
    assert [one["number"] for one in await found(app, tenant, "twin")] == [3, 2, 1]


async def test_an_old_match_gives_way_to_a_new_one_that_is_a_little_weaker(
    app: App, library: Tenant, owner: psycopg.AsyncConnection
) -> None:
    await owner.execute(
        "update incidents set created_at = created_at - interval '1 year' where tenant_id = %s and number = 1",
        (library.tenant_id,),
    )
    assert [one["number"] for one in await found(app, library, "connection pool")] == [5, 1]


async def test_matches_are_shown_as_parts_of_the_text(app: App, library: Tenant) -> None:
    (one,) = await found(app, library, "disk full")
    assert one["highlights"] == {
        "title": [
            {"text": "Disk", "match": True},
            {"text": " of payments-db-1 is ", "match": False},
            {"text": "full", "match": True},
        ]
    }


async def test_markup_in_a_text_stays_text(app: App, tenant: Tenant) -> None:
    title = "<b>disk</b> \ue000full\ue001 <script>"
    alert = {"labels": {"alertname": "A"}, "annotations": {"summary": title}, "startsAt": "2026-11-20T10:00:00Z"}
    body = {"alerts": [alert], "groupLabels": {"alertname": "A"}}
    await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    (one,) = await found(app, tenant, "disk")
    assert [part["text"] for part in one["highlights"]["title"] if part["match"]] == ["disk"]
    assert "".join(part["text"] for part in one["highlights"]["title"]) == "<b>disk</b> full <script>"


async def test_without_a_search_nothing_is_highlighted(app: App, library: Tenant) -> None:
    listed = (await app.call("GET", "incidents", token=library.token)).json["items"]
    assert {len(one["highlights"]) for one in listed} == {0}


async def test_pages_of_a_search_join_up_while_more_incidents_open(
    app: App, library: Tenant, clock: StoppedClock
) -> None:
    everything = [one["number"] for one in await found(app, library, "shop")]
    seen: list[int] = []
    cursor = ""
    for _ in range(5):
        page = (await app.call("GET", f"incidents?q=shop&limit=1{cursor}", token=library.token)).json
        seen += [one["number"] for one in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
        clock.advance(seconds=1)
        alert = {"labels": {"alertname": f"N{len(seen)}", "service": "shop"}, "startsAt": "2026-11-20T10:00:00Z"}
        body = {"alerts": [alert], "groupLabels": {"alertname": f"N{len(seen)}"}}
        await app.call("POST", "webhooks/alertmanager", body, token=library.ingest_token)
    assert seen == everything
    assert page["next_cursor"] is None


async def test_a_search_is_filtered_and_sorted_like_any_list(app: App, library: Tenant) -> None:
    assert [one["number"] for one in await found(app, library, "shop", "&sort=newest&limit=2")] == [5, 4]
    assert await found(app, library, "shop", "&open=false") == []


@pytest.mark.parametrize(
    "words", ["a b " * 50, "-x " * 60, '"' * 200, "(" * 200, "or " * 60, "\u0301" * 200, "1:*" * 60]
)
async def test_no_words_are_an_error_or_costly(app: App, library: Tenant, words: str) -> None:
    answer = await app.call("GET", f"incidents?q={words[:200]}", token=library.token)
    assert answer.status == 200


def test_the_search_role_sees_only_what_matches_in_its_tenant(database_urls: DatabaseUrls, library: Tenant) -> None:
    with psycopg.connect(database_urls.app) as connection:
        connection.execute("set local role srecopilot_search")
        assert seen_by(connection) == 0
        connection.execute("select set_config('app.search', %s, true)", ("checkout",))
        assert seen_by(connection) == 0
        connection.execute("select set_config('app.tenant_id', %s, true)", (library.tenant_id,))
        assert seen_by(connection) == 2
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("update incidents set title = ''")


def test_a_search_reads_its_words_once_and_not_for_every_row(database_urls: DatabaseUrls) -> None:
    with psycopg.connect(database_urls.app) as connection:
        connection.execute("set local role srecopilot_search")
        connection.execute("select set_config('app.search', 'disk | full', true)")
        plan = "\n".join(line for (line,) in connection.execute("explain select id from incidents"))
    assert "'disk' | 'full'" in plan.replace("''", "'")
    assert "app.search" not in plan


def seen_by(connection: psycopg.Connection) -> int:
    row = connection.execute(sql.SQL("select count(*) from incidents")).fetchone()
    assert row
    return int(row[0])


async def test_names_of_alerts_find_it_also_those_that_joined_later(app: App, tenant: Tenant) -> None:
    for name in ("DiskFull", "WriteAheadLogGrows"):
        alert = {"labels": {"alertname": name}, "annotations": {"summary": "db-1"}, "startsAt": "2026-11-20T10:00:00Z"}
        body = {"alerts": [alert], "groupLabels": {"team": "storage"}}
        await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    (one,) = await found(app, tenant, "disk ahead")
    assert one["version"] == 1  # nothing that people see of it has changed
    (one,) = await found(app, tenant, "WriteAheadLogGrows")
    assert one["highlights"] == {
        "alert_names": [{"text": "DiskFull, ", "match": False}, {"text": "WriteAheadLogGrows", "match": True}]
    }


async def test_comments_find_it_for_as_long_as_they_say_so(app: App, library: Tenant) -> None:
    incident = (await found(app, library, "slowly"))[0]
    path = f"incidents/{incident['id']}/comments"
    said = await app.call("POST", path, {"body": "The vacuum\nholds **locks**"}, token=library.token)
    (one,) = await found(app, library, "checkout vacuum")
    assert one["id"] == incident["id"]
    (one,) = await found(app, library, "vacuum locks")
    assert [part["text"] for part in one["highlights"]["comment"] if part["match"]] == ["vacuum", "locks"]
    comment = f"{path}/{said.json['id']}"
    await app.call("PATCH", comment, {"body": "It was the replica"}, token=library.token)
    assert [await found(app, library, "vacuum"), len(await found(app, library, "replica"))] == [[], 1]
    await app.call("DELETE", comment, token=library.token)
    assert await found(app, library, "replica") == []


async def test_endless_comments_are_searched_in_part(app: App, library: Tenant) -> None:
    incident = (await found(app, library, "slowly"))[0]
    for number in range(16):
        words = " ".join(f"{number}w{word:05}" for word in range(900))
        said = await app.call("POST", f"incidents/{incident['id']}/comments", {"body": words}, token=library.token)
        assert said.status == 201
    assert [len(await found(app, library, word)) for word in ("15w00001", "0w00001")] == [1, 0]
