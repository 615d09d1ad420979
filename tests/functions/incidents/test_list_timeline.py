"""Pages of the timeline, while transactions are slow."""

from typing import Any

import psycopg
import pytest

from shared.incidents.timeline import Round, round_of
from shared.platform.paging import BadCursor, cursor_of
from tests.fixtures import App, DatabaseUrls, Tenant, opened


async def page(app: App, tenant: Tenant, incident: dict[str, Any], limit: int, cursor: str | None) -> Any:
    more = f"&cursor={cursor}" if cursor else ""
    answer = await app.call("GET", f"incidents/{incident['id']}/timeline?limit={limit}{more}", token=tenant.token)
    assert answer.status == 200, answer.content
    return answer.json


async def record(connection: psycopg.AsyncConnection, tenant: Tenant, incident: dict[str, Any], note: str) -> None:
    await connection.execute(
        "insert into event_log (tenant_id, id, project_id, type, subject_id, incident_id, at, actor_kind, note)"
        " values (%s, uuidv7(), %s, 'incident.updated', %s, %s, now(), 'system', %s)",
        (tenant.tenant_id, tenant.project_id, incident["id"], incident["id"], note),
    )


async def read_on(app: App, tenant: Tenant, incident: dict[str, Any], cursor: str | None) -> list[str]:
    notes: list[str] = []
    while cursor:
        found = await page(app, tenant, incident, 1, cursor)
        notes += [one["note"] for one in found["items"]]
        cursor = found["next_cursor"]
    return notes


async def test_what_a_slow_transaction_recorded_is_on_a_later_page(
    app: App, tenant: Tenant, database_urls: DatabaseUrls, owner: psycopg.AsyncConnection
) -> None:
    incident = await opened(app, tenant)
    async with await psycopg.AsyncConnection.connect(database_urls.owner) as slow:
        await record(slow, tenant, incident, "slow")
        for note in ("first", "second", "third"):
            await record(owner, tenant, incident, note)
        beginning = await page(app, tenant, incident, 4, None)
        assert [one["note"] for one in beginning["items"]][-2:] == ["first", "second"]
        await slow.commit()
    await record(owner, tenant, incident, "fourth")
    assert await read_on(app, tenant, incident, beginning["next_cursor"]) == ["third", "slow", "fourth"]


async def test_what_happens_in_the_second_round_has_a_third(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    incident = await opened(app, tenant)
    found = await page(app, tenant, incident, 1, None)
    for note in ("late", "late too"):
        await record(owner, tenant, incident, note)
    while not (found := await page(app, tenant, incident, 1, found["next_cursor"]))["items"][0]["note"]:
        pass
    assert found["items"][0]["note"] == "late"
    await record(owner, tenant, incident, "later")
    assert await read_on(app, tenant, incident, found["next_cursor"]) == ["late too", "later"]


async def test_a_restored_database_shows_its_old_events(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    """There the ids of transactions begin anew, lower than those that the rows hold."""
    incident = await opened(app, tenant)
    for note in ("first", "second"):
        await record(owner, tenant, incident, note)
    await owner.execute("update event_log set recorded_in = 10 ^ 15 where tenant_id = %s", (tenant.tenant_id,))
    found = await page(app, tenant, incident, 3, None)
    assert await read_on(app, tenant, incident, found["next_cursor"]) == ["second"]


@pytest.mark.parametrize(
    "text",
    [
        "1", "1/2", "-1/1:1:/", "1/0:1:/", "1/2:1:/", "1/1:5:9/", "1/5:9:1/", "1/1:9:5,5/", "1/1:9:6,5/", "1/a:b:/",
        "1/1:1:/1:1", "1/1:1:;drop/", "1/1:1:/2:1:", "1" * 19 + "/1:1:/", "1/1:9:,/",
    ],
)  # fmt: skip
def test_a_cursor_that_no_page_gave_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        round_of(cursor_of(text))


def test_a_cursor_gives_its_round_back() -> None:
    one = Round(after=7, seen="5:9:5,8", before="1:4:")
    assert round_of(one.cursor()) == one
