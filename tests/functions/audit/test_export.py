"""The audit as a file of any length, in parts."""

import json
import tracemalloc
from typing import Any

import psycopg
import pytest

from tests.fixtures import App, StoppedClock, Tenant
from tests.functions.audit.audited import everything, many_changes, part_of, rows_of, stored, whole_export

MANY = 21_000  # more than two parts


@pytest.mark.parametrize("kind", ["calls", "changes"])
async def test_a_file_holds_what_the_search_lists(app: App, tenant: Tenant, clock: StoppedClock, kind: str) -> None:
    for name in ("one", "two"):
        await app.call("POST", "services", {"name": name}, token=tenant.token)
    await stored(app)
    until = (clock.now()).isoformat().replace("+00:00", "Z")
    clock.advance(seconds=1)
    listed = await everything(app, f"audit/{kind}?to={until}", tenant.token)
    lines, _ = await whole_export(app, f"kind={kind}&format=jsonl&to={until}", tenant.token)
    assert [json.loads(line) for line in lines.splitlines()] == listed
    table, _ = await whole_export(app, f"kind={kind}&format=csv&to={until}", tenant.token)
    assert [row["at"] for row in rows_of(table)] == [one["at"] for one in listed]
    assert [row["actor.id"] for row in rows_of(table)] == [one["actor"]["id"] or "" for one in listed]


async def test_parts_one_after_the_other_are_the_file(app: App, tenant: Tenant, owner: psycopg.AsyncConnection) -> None:
    await many_changes(owner, tenant, MANY)
    text, parts = await whole_export(app, "kind=changes&format=csv&action=service.updated", tenant.token)
    rows = rows_of(text)
    assert parts >= 3
    assert len(rows) == len({row["id"] for row in rows}) == MANY
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
async def test_each_part_takes_the_memory_of_itself_and_leaves_none(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection, format_: str
) -> None:
    await many_changes(owner, tenant, MANY)
    query = f"kind=changes&format={format_}&action=service.updated"
    await part_of(app, query, tenant.token)  # what is imported only once
    tracemalloc.start()
    held, most, sizes = [], [], []
    following = query
    while following:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        text, following = await part_of(app, following, tenant.token)
        sizes.append(len(text))
        del text
        after, peak = tracemalloc.get_traced_memory()
        held.append(after - before)
        most.append(peak - before)
    tracemalloc.stop()
    assert len(sizes) >= 3
    assert max(most) < 4 * max(sizes)  # measured: 3.0 as CSV, 2.6 as lines of JSON
    assert max(held[1:]) < 500_000  # measured: 0.13 MB, of parts of 2.5 to 4 MB


async def test_an_export_leaves_out_what_was_recorded_after_its_beginning(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection, clock: StoppedClock
) -> None:
    await many_changes(owner, tenant, 10_500)
    first = await app.call("GET", "audit/export?kind=changes&format=jsonl", token=tenant.token)
    assert first.content.count(b"\n") == 10_000
    clock.advance(seconds=5)
    await app.call("POST", "services", {"name": "later"}, token=tenant.token)
    query = first.headers["Link"].partition("?")[2].partition(">")[0].replace("%3A", ":").replace("%2B", "+")
    second = await app.call("GET", f"audit/export?{query}", token=tenant.token)
    assert b"later" not in second.content
    assert "Link" not in second.headers


async def test_a_file_is_for_saving_and_its_text_is_no_formula(app: App, tenant: Tenant) -> None:
    await app.call("PATCH", f"projects/{tenant.project_id}", {"name": "=1+1"}, token=tenant.token)
    link = {"request_id": "=cmd()"}
    await app.call("GET", "tenant", token=tenant.token, headers={"x-forwarded-for": "203.0.113.7"} | link)
    await stored(app)
    answer = await app.call("GET", "audit/export?kind=changes", token=tenant.token)
    assert answer.media_type == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit-changes.csv"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    cells: list[Any] = [value for row in rows_of(answer.content.decode()) for value in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("query", ["kind=secrets", "format=xml", "cursor=x", "limit=5"])
async def test_an_export_that_makes_no_sense_is_refused(app: App, tenant: Tenant, query: str) -> None:
    for kind in ("calls", "changes"):
        asked = query if "kind" in query else f"kind={kind}&{query}"
        assert (await app.call("GET", f"audit/export?{asked}", token=tenant.token)).status == 422
