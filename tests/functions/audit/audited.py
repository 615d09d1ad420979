"""What is in the audit, for the tests of it."""

import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
from azure.data.tables.aio import TableClient

from scripts.proof.functions import Functions
from shared.kernel.values import TenantId
from shared.platform.table_store import API_CALLS
from tests.fixtures import App, Tenant
from tests.waiting import eventually


async def everything(app: App, path: str, token: str) -> list[dict[str, Any]]:
    """All entries of a listing, page after page."""
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = await app.call("GET", f"{path}{'&' if '?' in path else '?'}cursor={cursor}", token=token)
        assert answer.status == 200, answer.content
        items += answer.json["items"]
        cursor = answer.json["next_cursor"]
        if cursor is None:
            return items


async def stored(app: Functions) -> None:
    """Wait until every call so far is in the tables."""

    async def is_empty() -> bool:
        return not app.runtime.audit._waiting

    await eventually(is_empty)


@asynccontextmanager
async def table_of(app: App) -> AsyncIterator[TableClient]:
    """The table of calls, for whoever wants to alter it."""
    storage = app.runtime.settings.storage.get_secret_value()
    async with TableClient.from_connection_string(storage, API_CALLS) as table:
        yield table


def id_of(tenant: Tenant) -> TenantId:
    return TenantId(UUID(tenant.tenant_id))


async def whole_export(app: App, query: str, token: str) -> tuple[str, int]:
    """The file that all parts of an export make, and how many they were."""
    text, parts = "", 0
    while query:
        part, query = await part_of(app, query, token)
        text, parts = text + part, parts + 1
    return text, parts


async def part_of(app: App, query: str, token: str) -> tuple[str, str]:
    """A part of an export, and the query that gives the next one; empty at the end."""
    answer = await app.call("GET", f"audit/export?{query}", token=token)
    assert answer.status == 200, answer.content
    link = urlsplit(answer.headers.get("Link", "").partition("<")[2].partition(">")[0])
    return answer.content.decode(), unquoted(link.query)


def unquoted(query: str) -> str:
    """As the host hands it over."""
    return query.replace("%3A", ":").replace("%2B", "+")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def many_changes(owner: psycopg.AsyncConnection, tenant: Tenant, count: int) -> None:
    """Write changes straight into the log: a year would take too long."""
    await owner.execute(
        "insert into event_log (tenant_id, id, project_id, type, subject_id, at, actor_kind, actor_name,"
        " changes, due_at) select %(tenant)s, gen_random_uuid(), %(project)s, 'service.updated', gen_random_uuid(),"
        " now() - interval '1 minute' - n * interval '1 second', 'user', 'Ann',"
        " jsonb_build_object('description', jsonb_build_array('before ' || n, 'after ' || n)), null"
        " from generate_series(1, %(count)s) n",
        {"tenant": tenant.tenant_id, "project": tenant.project_id, "count": count},
    )
