"""The list of incidents."""

from typing import Any

import pytest

from tests.fixtures import App, Tenant


async def open_many(app: App, tenant: Tenant, count: int) -> None:
    for n in range(count):
        alert = {
            "labels": {"alertname": f"A{n}", "severity": "critical" if n % 2 else "info"},
            "startsAt": "2026-11-20T10:00:00Z",
        }
        body = {"alerts": [alert], "groupLabels": {"alertname": f"A{n}"}}
        await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)


async def test_pages_are_newest_first_and_join_up(app: App, tenant: Tenant) -> None:
    await open_many(app, tenant, 5)
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page: Any = (await app.call("GET", f"incidents?limit=2{cursor}", token=tenant.token)).json
        seen += [one["number"] for one in page["items"]]
        cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None
    assert seen == [5, 4, 3, 2, 1]


async def test_filters_narrow_the_list(app: App, tenant: Tenant) -> None:
    await open_many(app, tenant, 4)
    severe = (await app.call("GET", "incidents?severity=critical", token=tenant.token)).json["items"]
    assert {one["severity"] for one in severe} == {"critical"}
    assert len(severe) == 2
    assert (await app.call("GET", "incidents?state=resolved", token=tenant.token)).json["items"] == []


async def test_an_empty_list_is_empty(app: App, tenant: Tenant) -> None:
    assert (await app.call("GET", "incidents", token=tenant.token)).json == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "state=new", "severity=9", "cursor=%25", "page=2"]
)
async def test_a_wrong_query_names_its_field(app: App, tenant: Tenant, query: str) -> None:
    answer = await app.call("GET", f"incidents?{query}", token=tenant.token)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, query.partition("=")[0])


async def test_a_cursor_is_taken_as_it_was_given_or_not_at_all(app: App, tenant: Tenant) -> None:
    await open_many(app, tenant, 2)
    cursor = (await app.call("GET", "incidents?limit=1", token=tenant.token)).json["next_cursor"]
    assert (await app.call("GET", f"incidents?limit=1&cursor={cursor}", token=tenant.token)).status == 200
    assert (await app.call("GET", f"incidents?limit=1&cursor={cursor}!!!", token=tenant.token)).status == 422
