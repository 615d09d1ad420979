"""The list of incidents: pages, orders, filters."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.fixtures import App, StoppedClock, Tenant, payload, register


async def open_many(app: App, tenant: Tenant, count: int) -> None:
    for n in range(count):
        alert = {
            "labels": {"alertname": f"A{n}", "severity": "critical" if n % 2 else "info"},
            "startsAt": "2026-11-20T10:00:00Z",
        }
        body = {"alerts": [alert], "groupLabels": {"alertname": f"A{n}"}}
        await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)


async def numbers(app: App, tenant: Tenant, query: str = "", *, limit: int = 50) -> list[int]:
    """Return the numbers of all incidents that are listed, over all pages."""
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        asked = "&".join(filter(None, [f"limit={limit}", query, cursor]))
        page: Any = (await app.call("GET", f"incidents?{asked}", token=tenant.token)).json
        seen += [one["number"] for one in page["items"]]
        cursor = f"cursor={page['next_cursor']}" if page["next_cursor"] else None
    return seen


async def change(owner: psycopg.AsyncConnection, tenant: Tenant, number: int, **columns: Any) -> None:
    for name, value in columns.items():
        statement = psycopg.sql.SQL("update incidents set {} = %s where tenant_id = %s and number = %s")
        await owner.execute(statement.format(psycopg.sql.Identifier(name)), (value, tenant.tenant_id, number))


async def test_pages_are_newest_first_and_join_up(app: App, tenant: Tenant) -> None:
    await open_many(app, tenant, 5)
    assert await numbers(app, tenant, limit=2) == [5, 4, 3, 2, 1]


async def test_filters_narrow_the_list(app: App, tenant: Tenant) -> None:
    await open_many(app, tenant, 4)
    severe = (await app.call("GET", "incidents?severity=critical", token=tenant.token)).json["items"]
    assert {one["severity"] for one in severe} == {"critical"}
    assert len(severe) == 2
    assert (await app.call("GET", "incidents?state=resolved", token=tenant.token)).json["items"] == []


async def test_an_empty_list_is_empty(app: App, tenant: Tenant) -> None:
    assert (await app.call("GET", "incidents", token=tenant.token)).json == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "state=new",
        "severity=9",
        "cursor=%25",
        "page=2",
        "sort=best",
        "sort=relevance",
        "open=maybe",
        "number=0",
        "number=x",
        "label=team",
        "label=:db",
        "assignee=you",
        "from=yesterday",
        "from=1999-12-31T23:59:59Z",
        "to=2026-11-20T10:00:00",
        "state=detected" + ",detected" * 20,
        "q=" + "x" * 201,
        "archived=2",
    ],
)
async def test_a_wrong_query_names_its_field(app: App, tenant: Tenant, query: str) -> None:
    answer = await app.call("GET", f"incidents?{query}", token=tenant.token)
    assert (answer.status, answer.json["errors"][0]["field"].partition(".")[0]) == (422, query.partition("=")[0])


async def test_a_cursor_is_taken_as_it_was_given_or_not_at_all(app: App, tenant: Tenant) -> None:
    await open_many(app, tenant, 2)
    cursor = (await app.call("GET", "incidents?limit=1", token=tenant.token)).json["next_cursor"]
    assert (await app.call("GET", f"incidents?limit=1&cursor={cursor}", token=tenant.token)).status == 200
    assert (await app.call("GET", f"incidents?limit=1&cursor={cursor}!!!", token=tenant.token)).status == 422


async def test_several_values_of_a_filter_widen_it_and_several_filters_narrow(app: App, tenant: Tenant) -> None:
    await open_many(app, tenant, 4)
    assert await numbers(app, tenant, "severity=critical,info&state=detected,resolved") == [4, 3, 2, 1]
    assert await numbers(app, tenant, "severity=critical&state=resolved,learned") == []


async def test_open_is_every_state_in_which_somebody_has_to_act(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    await open_many(app, tenant, 4)
    for number, state in enumerate(("mitigated", "resolved", "inconclusive"), start=1):
        await change(owner, tenant, number, state=state)
    assert await numbers(app, tenant, "open=true") == [4, 1]
    assert await numbers(app, tenant, "open=false") == [3, 2]


async def test_incidents_are_found_by_service_number_and_label(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    await open_many(app, tenant, 3)
    await change(owner, tenant, 1, service_name="checkout", labels='{"team": "db", "tier": "the"}')
    await change(owner, tenant, 2, service_name="payments", labels='{"team": "db-core"}')
    assert await numbers(app, tenant, "service=checkout,payments") == [2, 1]
    assert await numbers(app, tenant, "number=3") == [3]
    assert await numbers(app, tenant, "number=4") == []
    assert await numbers(app, tenant, "label=team:db") == [1]
    assert await numbers(app, tenant, "label=team:db,tier:the") == [1]
    assert await numbers(app, tenant, "label=team:db,tier:other") == []
    assert await numbers(app, tenant, "label=team:core") == []


async def test_incidents_are_found_by_who_has_them(app: App, tenant: Tenant, owner: psycopg.AsyncConnection) -> None:
    await open_many(app, tenant, 2)
    await change(owner, tenant, 1, assignee_id=tenant.user_id)
    assert await numbers(app, tenant, "assignee=me") == [1]
    assert await numbers(app, tenant, f"assignee={tenant.user_id}") == [1]
    assert await numbers(app, tenant, "assignee=none") == [2]
    assert await numbers(app, tenant, "assignee=me,none") == [2, 1]
    assert await numbers(app, tenant, f"assignee={uuid4()}") == []


async def test_what_is_mine_is_not_kept_for_others(app: App, tenant: Tenant, owner: psycopg.AsyncConnection) -> None:
    await open_many(app, tenant, 1)
    await change(owner, tenant, 1, assignee_id=tenant.user_id)
    made = await app.call("POST", "api-keys", {"name": "a screen", "role": "owner"}, token=tenant.token)
    assert await numbers(app, tenant, "assignee=me") == [1]
    answer = await app.call("GET", "incidents?limit=50&assignee=me", token=made.json["key"])
    assert answer.json["items"] == []


async def test_incidents_are_found_by_when_they_opened(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    began = clock.now()
    for number in range(3):
        alert = {"labels": {"alertname": f"A{number}"}, "startsAt": "2026-11-20T10:00:00Z"}
        body = {"alerts": [alert], "groupLabels": {"alertname": f"A{number}"}}
        await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
        clock.advance(minutes=1)
    second = (began + timedelta(minutes=1)).replace(tzinfo=None).isoformat() + "Z"
    assert await numbers(app, tenant, f"to={second}") == [1]
    assert await numbers(app, tenant, f"from={second}") == [3, 2]


async def test_flapping_incidents_are_found(app: App, tenant: Tenant, owner: psycopg.AsyncConnection) -> None:
    await open_many(app, tenant, 2)
    await change(owner, tenant, 1, flapping_until="2030-01-01T00:00:00Z")
    assert await numbers(app, tenant, "flapping=true") == [1]
    assert await numbers(app, tenant, "flapping=false") == [2]


async def test_archived_incidents_are_listed_alone(app: App, tenant: Tenant, owner: psycopg.AsyncConnection) -> None:
    await open_many(app, tenant, 2)
    await change(owner, tenant, 1, state="resolved", archived_at="2026-11-20T10:00:00Z")
    assert await numbers(app, tenant) == [2]
    assert await numbers(app, tenant, "archived=true") == [1]


@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_every_order_turns_pages_without_gap_or_repetition(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection, limit: int
) -> None:
    await open_many(app, tenant, 5)
    for number, at in ((2, "2030-01-01T00:00:00Z"), (4, "2030-01-01T00:00:00.000001Z")):
        await change(owner, tenant, number, updated_at=at)
    assert await numbers(app, tenant, "sort=updated", limit=limit) == [4, 2, 5, 3, 1]
    assert await numbers(app, tenant, "sort=severity", limit=limit) == [4, 2, 5, 3, 1]
    assert await numbers(app, tenant, "sort=newest", limit=limit) == [5, 4, 3, 2, 1]


async def test_a_cursor_is_of_one_order_only(app: App, tenant: Tenant) -> None:
    await open_many(app, tenant, 2)
    cursor = (await app.call("GET", "incidents?limit=1", token=tenant.token)).json["next_cursor"]
    answer = await app.call("GET", f"incidents?limit=1&sort=severity&cursor={cursor}", token=tenant.token)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "cursor")


async def test_no_filter_reaches_another_project(app: App, tenant: Tenant, owner: psycopg.AsyncConnection) -> None:
    stranger = await register(app)
    await app.call("POST", "webhooks/alertmanager", payload("alertmanager-firing"), token=tenant.ingest_token)
    for query in ("number=1", "open=true", "q=inc-1", "q=-nothing", "q=-nothing&sort=severity", "assignee=none"):
        assert await numbers(app, tenant, query) == [1]
        assert await numbers(app, stranger, query) == []
