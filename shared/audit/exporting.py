"""The audit as a file, in parts of which any number makes one file and each takes little memory."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from shared.audit import calls, changes
from shared.audit.calls import Position
from shared.audit.formats import csv_line, flattened, json_line
from shared.audit.schemas import ExportFormat, ExportKind, ExportQuery
from shared.audit.scope import Scope, Wanted, scope_of, wanted
from shared.kernel.values import Actor
from shared.platform.paging import cursor_at
from shared.platform.runtime import Runtime

MEDIA_TYPES: Final[Mapping[ExportFormat, str]] = {
    ExportFormat.CSV: "text/csv",
    ExportFormat.JSON_LINES: "application/jsonl",
}
_PART_ROWS: Final = 10_000
_PART_CHARACTERS: Final = 4_000_000
_CHUNK: Final = 500
COLUMNS: Final[Mapping[ExportKind, tuple[str, ...]]] = {
    ExportKind.CALLS: (
        "at", "actor.kind", "actor.id", "actor.name", "project_id", "action", "method", "path", "outcome", "status",
        "duration_ms", "address", "request_id", "trace_id",
    ),
    ExportKind.CHANGES: (
        "at", "id", "actor.kind", "actor.id", "actor.name", "project_id", "action", "resource_id", "incident_id",
        "changes", "details", "note", "trace_id",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Lines of the file. `next_query` is the URL's query that gives the next part; empty at the end."""

    text: str
    next_query: str


async def export(runtime: Runtime, actor: Actor, given: ExportQuery) -> Part:
    """Return the part of the file that begins at the cursor, the newest entries first; the first part has the header.

    Raises `BadCursor` and `TablesAway`.
    """
    asked, scope = wanted(given, runtime.clock.now()), scope_of(actor)
    columns = COLUMNS[given.kind]
    is_csv = given.format is ExportFormat.CSV
    lines = [csv_line(columns)] if is_csv and not given.cursor else []
    size = count = 0
    cursor = given.cursor
    pages = _calls(runtime, scope, asked, cursor) if given.kind is ExportKind.CALLS else None
    async for entries, following in pages or _changes(runtime, actor, scope, asked, cursor):
        for entry in entries:
            line = csv_line(flattened(entry, columns)) if is_csv else json_line(entry)
            lines.append(line)
            size += len(line)
        count += len(entries)
        cursor = following
        if count >= _PART_ROWS or size >= _PART_CHARACTERS:
            break
    return Part(text="".join(lines), next_query=_query(asked, cursor) if cursor else "")


type _Page = tuple[list[dict[str, Any]], str | None]


def _query(asked: Wanted, cursor: str) -> str:
    """Return the query of the next part, with the same ends of time, however late somebody asks for it."""
    given = asked.given.model_dump(mode="json", by_alias=True, exclude_none=True)
    ends = {"from": asked.since.isoformat(), "to": asked.until.isoformat()}
    return urlencode({**given, **ends, "cursor": cursor})


async def _calls(runtime: Runtime, scope: Scope, asked: Wanted, cursor: str | None) -> AsyncIterator[_Page]:
    position = Position.read(cursor) if cursor else None
    while True:
        found = await calls.page(runtime, scope, asked, start=position, limit=_CHUNK)
        position = found.next
        yield [calls.shown(row).model_dump(mode="json") for row in found.rows], position.cursor() if position else None
        if position is None:
            return


async def _changes(
    runtime: Runtime, actor: Actor, scope: Scope, asked: Wanted, cursor: str | None
) -> AsyncIterator[_Page]:
    while True:
        async with runtime.transaction(actor) as tx:
            rows = await changes.page(tx, scope, asked, cursor=cursor, limit=_CHUNK)
        cursor = cursor_at(rows[-1].at, rows[-1].id) if len(rows) == _CHUNK else None
        yield [changes.shown(row).model_dump(mode="json") for row in rows], cursor
        if cursor is None:
            return
