"""Calls as Table Storage has them: one partition for each tenant and day, the newest first."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any, Final

from shared.audit.schemas import ActorOut, CallOut
from shared.audit.scope import Scope, Wanted, id_or_none
from shared.audit.values import begins, day_of, outcome_of, statuses_of
from shared.kernel.values import ActorKind, TenantId
from shared.platform.call_audit import countdown, moment_of, partition_of, text_of
from shared.platform.paging import BadCursor, cursor_of, last_of
from shared.platform.runtime import Runtime
from shared.platform.table_store import API_CALLS
from shared.platform.wire import plausible

type Row = Mapping[str, Any]

_MAX_LOOKED_AT: Final = 5_000  # rows, for one page
_MAX_DAYS: Final = 40  # partitions, for one page
_CHUNK: Final = 1_000  # rows, of one request
_CURSOR: Final = re.compile(r"(\d{8})/(\d{16}_[0-9a-f]{32}|)")
# What is not the content of an entry: where it stands, and what the service itself adds.
_PLACE: Final = frozenset({"PartitionKey", "RowKey"})
_TEXTS: Final = ("actor_name", "operation", "route", "path", "address", "request_id", "trace_id")
_COLUMNS: Final = (*_TEXTS, "at", "actor_kind", "actor_id", "project_id", "method")
_KINDS: Final = frozenset(kind.value for kind in ActorKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in the order of a tenant's calls: behind row `after` of a day, or at the day's newest without one."""

    day: date
    after: str = ""

    def cursor(self) -> str:
        return cursor_of(f"{self.day:%Y%m%d}/{self.after}")

    @property
    def at(self) -> datetime:
        """Return a moment that nothing behind this place is later than."""
        return moment_of(self.after) if self.after else begins(self.day + timedelta(days=1))

    @classmethod
    def of(cls, row: Row) -> "Position":
        return cls(day=_day_of(row), after=row["RowKey"])

    @classmethod
    def read(cls, cursor: str) -> "Position":
        """Return what a cursor stands for. Raises `BadCursor`."""
        found = _CURSOR.fullmatch(last_of(cursor))
        try:
            day = date.fromisoformat(found[1]) if found else None
        except ValueError:
            day = None
        if found is None or day is None:
            raise BadCursor
        return cls(day=day, after=found[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """Some calls, and where to go on; None at the end."""

    rows: Sequence[Row]
    next: Position | None


async def page(runtime: Runtime, scope: Scope, asked: Wanted, *, start: Position | None, limit: int) -> CallPage:
    """Return the newest calls that are asked for, `limit` at most, looking at no more than some thousand.

    Raises `TablesAway`.
    """
    first, last = day_of(asked.since), day_of(asked.until)
    at = start if start and start.day <= last else Position(day=last)
    found: list[Row] = []
    looked = days = 0
    while at.day >= first and days < _MAX_DAYS and looked < _MAX_LOOKED_AT:
        most = _CHUNK if asked.given.q or asked.given.resource else min(_CHUNK, limit - len(found) + 1)
        rows = await runtime.tables.find(API_CALLS, *_query(scope, asked, at), most=most)
        for row in rows:
            if len(found) == limit:
                return CallPage(rows=found, next=at)
            at = Position.of(row)
            if _is_wanted(row, asked):
                found.append(row)
        looked += len(rows)
        if len(rows) < most:
            at, days = Position(day=at.day - timedelta(days=1)), days + 1
    return CallPage(rows=found, next=at if at.day >= first else None)


async def of_day(runtime: Runtime, tenant_id: TenantId, day: date, *, most: int | None = None) -> AsyncIterator[Row]:
    """Yield the calls of a day, the newest first, a thousand at a time in memory; `most` of them at most.

    Raises `TablesAway`.
    """
    after, count = "", 0
    while True:
        values = {"p": partition_of(tenant_id, day), "after": after}
        rows = await runtime.tables.find(API_CALLS, "PartitionKey eq @p and RowKey gt @after", values, most=_CHUNK)
        for row in rows:
            if count == most:
                return
            yield row
            count += 1
        if len(rows) < _CHUNK:
            return
        after = rows[-1]["RowKey"]


def content_of(row: Row) -> Mapping[str, Any]:
    """Return what a row says, as JSON has it, without where it stands."""
    found = {name: value for name, value in row.items() if name not in _PLACE}
    # Ours are text and numbers; of another type is what somebody altered, and it only has to differ.
    return {name: value if isinstance(value, str | int | float) else repr(value) for name, value in found.items()}


def readable(row: Row) -> Row:
    """Return a row whose columns are all there and of their types: what somebody altered may not be, and is empty."""
    texts = {name: text_of(found) if isinstance(found := row.get(name), str) else "" for name in _COLUMNS}
    kind = texts["actor_kind"] if texts["actor_kind"] in _KINDS else ActorKind.ANONYMOUS.value
    status, duration = row.get("status"), row.get("duration_ms")
    numbers = {
        "status": status if isinstance(status, int) else 0,
        "duration_ms": duration if isinstance(duration, int | float) and isfinite(duration) else 0,
    }
    return {**row, **texts, **numbers, "actor_kind": kind}


def shown(row: Row) -> CallOut:
    """Return a row as it is on the wire."""
    row = readable(row)
    return CallOut(
        at=_at(row),
        actor=ActorOut(kind=ActorKind(row["actor_kind"]), id=id_or_none(row["actor_id"]), name=row["actor_name"]),
        project_id=id_or_none(row["project_id"]),
        action=row["operation"],
        method=row["method"],
        path=row["path"],
        outcome=outcome_of(row["status"]),
        status=row["status"],
        duration_ms=row["duration_ms"],
        address=row["address"],
        request_id=row["request_id"],
        trace_id=row["trace_id"],
    )


def _query(scope: Scope, asked: Wanted, at: Position) -> tuple[str, Mapping[str, Any]]:
    """Return the service's part of a search as an OData filter with its values."""
    given = asked.given
    # Keys count down, so what is not before `until` comes before this one.
    after = at.after or (countdown(asked.until - timedelta(microseconds=1)) if at.day == day_of(asked.until) else "")
    parts: dict[str, dict[str, Any]] = {
        "PartitionKey eq @p": {"p": partition_of(scope.tenant_id, at.day)},
        "RowKey gt @after": {"after": after},
    }
    if at.day == day_of(asked.since):
        parts["RowKey lt @before"] = {"before": countdown(asked.since - timedelta(microseconds=1))}
    if scope.project_id is not None:
        parts["project_id eq @project"] = {"project": str(scope.project_id)}
    if given.person is not None:
        parts["actor_id eq @person"] = {"person": str(given.person)}
    if given.action is not None:
        parts["operation eq @action"] = {"action": given.action}
    if given.outcome is not None:
        lowest, above = statuses_of(given.outcome)
        parts["status ge @lowest and status lt @above"] = {"lowest": lowest, "above": above}
    return " and ".join(parts), {name: value for values in parts.values() for name, value in values.items()}


def _is_wanted(row: Row, asked: Wanted) -> bool:
    """Do the part of a search that the service cannot: words, ids within a path, and calls that were stored late."""
    row = readable(row)
    is_about = asked.given.resource is None or str(asked.given.resource) in row["path"]
    is_in_time = _at(row) >= asked.since
    return is_about and is_in_time and asked.has_words(*(row[name] for name in _TEXTS))


def _at(row: Row) -> datetime:
    """Return when a call was; where somebody altered that, when its day began."""
    try:
        return plausible(datetime.fromisoformat(row["at"]))
    except (ValueError, TypeError):  # no time, or one without its zone
        return begins(_day_of(row))


def _day_of(row: Row) -> date:
    return date.fromisoformat(row["PartitionKey"].rpartition("_")[2])
