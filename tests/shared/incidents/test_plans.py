"""What is read at full size is read from indexes, as the application's role and under its row policies."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import event, text

from functions.subscriptions import ROUTES
from scripts.history import Plan
from scripts.seed import VACUUM, Place, seed
from scripts.server_bench import measure
from shared.alerts.flapping import SPAN
from shared.hypotheses.purging_sql import LOOK
from shared.incidents import merge_sql
from shared.incidents.store import alert_summary, restless_alerts
from shared.kernel.values import TenantId, system_actor
from shared.platform.runtime import Runtime
from shared.platform.settings import Settings
from tests.fixtures import App, DatabaseUrls, Tenant, opened, register

BIG = ("incidents", "alerts", "event_log", "analysis_steps")


@pytest.fixture(scope="module")
async def large(settings: Settings, database_urls: DatabaseUrls) -> AsyncIterator[tuple[App, Tenant]]:
    """A project large enough for the planner to care."""
    app = App(Runtime.start(settings, ROUTES))
    tenant = await register(app)
    plan = Plan(incidents=12_000, alerts=12_000, seed="plans", until=datetime.now(UTC), days=300)
    seed(database_urls.app, Place(UUID(tenant.tenant_id), UUID(tenant.project_id)), plan)
    with psycopg.connect(database_urls.owner, autocommit=True) as connection:
        connection.execute(VACUUM)
    yield app, tenant
    await app.mailbox.close()
    await app.runtime.close()


@pytest.mark.parametrize(
    "path",
    [
        "incidents",
        "incidents?sort=updated",
        "incidents?sort=severity",
        "incidents?open=true",
        "incidents?state=inconclusive",
        "incidents?service=checkout",
        "incidents?assignee=me",
        "incidents?archived=true",
        "incidents?flapping=true",
        "incidents?number=777",
        "incidents?from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z",
        "incidents?label=team:team-2",
        "incidents?label=team:nobody",
        "incidents?q=checkout",
        'incidents?q="connection pool" payments',
        "incidents?q=nonexistent",
        "incidents?q=-checkout",
        "incidents?q=disk&sort=newest",
        "incidents/{id}",
        "incidents/{id}/alerts",
        "incidents/{id}/timeline",
        "incidents/{id}/workflow",
        "incidents/{id}/similar",
    ],
)
async def test_no_read_looks_through_a_whole_table(large: tuple[App, Tenant], path: str) -> None:
    app, tenant = large
    newest = (await app.call("GET", "incidents?limit=1", token=tenant.token)).json["items"][0]["id"]
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT") and "set_config" not in statement:
            cursor = connection.connection.cursor()
            cursor.execute(f"explain {statement}", parameters)
            plans.append("\n".join(line for (line,) in cursor.fetchall()))
            cursor.close()

    engine = app.runtime.database.app.sync_engine
    event.listen(engine, "before_cursor_execute", explain)
    try:
        answer = await app.call("GET", path.replace("{id}", newest), token=tenant.token)
    finally:
        event.remove(engine, "before_cursor_execute", explain)
    assert answer.status == 200
    assert len(plans) >= 1
    assert [plan for plan in plans if any(f"Seq Scan on {table}" in plan for table in BIG)] == []


async def test_every_call_of_the_benchmark_is_answered(large: tuple[App, Tenant]) -> None:
    app, tenant = large
    figures = await measure(app, tenant.token, times=3)
    assert {one.calls for one in figures} == {3}
    assert all(0 < one.p50 <= one.p95 <= one.longest for one in figures)


# What the driver sends the parameters of ingest's statements as.
TYPES = {
    "rows": "jsonb",
    "tenant": "uuid",
    "now": "timestamptz",
    "trace": "text",
    "ids": "uuid[]",
    "fired": "uuid[]",
    "integrations": "uuid[]",
    "fingerprints": "text[]",
    "starts": "timestamptz[]",
}


@pytest.mark.parametrize("name", ["SENDERS", "KNOWN", "OPEN_INCIDENTS", "MERGE_ALERTS", "REFIRE"])
async def test_what_ingest_asks_of_large_tables_needs_no_plan_of_its_own_each_time(
    name: str, large: tuple[App, Tenant], database_urls: DatabaseUrls
) -> None:
    statement: str = getattr(merge_sql, name)
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", statement)))
    numbered = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", statement)
    types, nulls = ", ".join(TYPES[one] for one in names), ", ".join("null" for _ in names)
    async with await psycopg.AsyncConnection.connect(database_urls.app) as connection:
        await connection.execute("set local plan_cache_mode = force_generic_plan")
        await connection.execute(f"prepare kept ({types}) as {numbered}")
        explained = await connection.execute(f"explain execute kept ({nulls})")
        plan = "\n".join(row[0] for row in await explained.fetchall())
    assert "Index" in plan
    assert not re.findall(r"Seq Scan on (?:alerts|incidents|event_log)", plan)


async def test_what_may_be_purged_is_found_by_an_index_in_its_order(large: tuple[App, Tenant]) -> None:
    app, tenant = large
    limit = datetime.now(UTC) - timedelta(days=30)
    given = {"tenant": UUID(tenant.tenant_id), "limit": limit, "most": 50}
    beginning = {"after_at": datetime(1970, 1, 1, tzinfo=UTC), "after_id": UUID(int=0)}
    async with app.runtime.system_transaction() as system:
        explained = await system.session.scalars(text(f"explain {LOOK}"), given | beginning)
        plan = "\n".join(explained)
    assert "ix_incidents_over" in plan
    assert [table for table in BIG if f"Seq Scan on {table}" in plan] == [], plan


STORM = 1_500


async def test_a_storm_of_a_tenant_too_new_for_statistics_is_not_compared_with_itself(
    large: tuple[App, Tenant], owner: psycopg.AsyncConnection
) -> None:
    app, _ = large
    tenant = await register(app)
    incident = await opened(app, tenant)
    await owner.execute(
        "insert into alerts select (jsonb_populate_record(a, jsonb_build_object("
        " 'id', uuidv7(), 'fingerprint', md5(n::text), 'starts_at', now()))).*"
        " from alerts a cross join generate_series(1, %s) n where a.tenant_id = %s",
        (STORM, tenant.tenant_id),
    )
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "FROM alerts" in statement:
            cursor = connection.connection.cursor()
            cursor.execute(f"explain analyze {statement}", parameters)
            plans.append("\n".join(line for (line,) in cursor.fetchall()))
            cursor.close()

    engine = app.runtime.database.app.sync_engine
    event.listen(engine, "before_cursor_execute", explain)
    now = datetime.now(UTC)
    try:
        async with app.runtime.transaction(system_actor(TenantId(UUID(tenant.tenant_id)))) as tx:
            changed = await restless_alerts(tx, UUID(incident["id"]), now - SPAN, now, is_unsettled=True)
            summary = await alert_summary(tx, UUID(incident["id"]))
    finally:
        event.remove(engine, "before_cursor_execute", explain)
    assert (len(changed), summary.total) == (STORM, STORM + 1)
    # What is looked through for each of many, is looked up.
    filtered = r"loops=(\d+)\)(?:(?!loops=).)*?Rows Removed by (?:Join )?Filter: (\d+)"
    for loops, removed in re.findall(filtered, "".join(plans), re.DOTALL):
        assert int(loops) * int(removed) < 10 * STORM, plans
