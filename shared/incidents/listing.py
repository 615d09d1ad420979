"""The list of incidents: filters, orders, search. Pages are found by key in an index, never by counting rows."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Double, Row, Select, cast, extract, func, literal, or_, select, tuple_

from shared.incidents import store
from shared.incidents.filters import Filters, IncidentQuery, Sort
from shared.incidents.highlights import HIGHLIGHTED, Part, highlights
from shared.incidents.lifecycle import OPEN
from shared.incidents.store import Counted
from shared.incidents.tables import IncidentRow
from shared.kernel.values import ProjectId
from shared.platform.paging import BadCursor, cursor_of, last_of
from shared.platform.runtime import Tx
from shared.platform.text_search import all_words_of, searching, wanted
from shared.platform.wire import plausible

_RANKED: Final = 1_000  # of those that match, the newest are ranked; a word that more have in common tells little
_RECENCY_SECONDS: Final = 30 * 86_400  # an incident older by this needs e times the rank to be level
_MIN_RANK: Final = 0.01  # a match by `-not` alone has no rank
_SEPARATOR: Final = "|"
_SEVEREST: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A listed incident; for a search also what of it matched, by field."""

    counted: Counted
    highlights: Mapping[str, Sequence[Part]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPage:
    """One page of the list."""

    items: Sequence[Found]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class _Key:
    """A column of an order, and how what a cursor says becomes its value again (`ValueError` where it does not)."""

    column: Any
    read: Callable[[str], Any]


async def page(tx: Tx, project_id: ProjectId, asked: IncidentQuery) -> FoundPage:
    """Return a page of a project's incidents. Raises `BadCursor`."""
    words = [wanted(asked.q)] if asked.q.strip() else []
    query = _ranked(tx, project_id, asked) if asked.order is Sort.RELEVANCE else _ordered(tx, project_id, asked)
    async with AsyncExitStack() as role:
        if words or asked.label:
            of_labels = [all_words_of(value) for value in asked.labels.values()]
            await role.enter_async_context(searching(tx, project_id, [*words, *of_labels]))
        rows = (await tx.session.execute(query.limit(asked.limit + 1))).all()
    shown = rows[: asked.limit]
    found = await _found(tx, project_id, asked.q, [row.id for row in shown])
    return FoundPage(
        items=[found[row.id] for row in shown],
        next_cursor=_cursor(asked, shown[-1]) if len(rows) > asked.limit else None,
    )


async def _found(tx: Tx, project_id: ProjectId, words: str, ids: Sequence[UUID]) -> Mapping[UUID, Found]:
    """Return incidents by id; for a search, with what of them is like the words."""
    given = store.among(tx, project_id, ids)
    if words.strip():
        rows = await tx.session.execute(HIGHLIGHTED, given | {"words": words})
        return {row[0].id: Found(counted=store.counted(row), highlights=highlights(row)) for row in rows}
    rows = await tx.session.execute(store.COUNTED, given)
    return {row[0].id: Found(counted=store.counted(row)) for row in rows}


def _ordered(tx: Tx, project_id: ProjectId, asked: IncidentQuery) -> Select[Any]:
    columns = [key.column for key in _KEYS[asked.order]]
    query = select(*columns).where(*_conditions(tx, project_id, asked)).order_by(*(each.desc() for each in columns))
    position = _position(asked, _KEYS[asked.order])
    return query.where(tuple_(*columns) < tuple_(*position)) if position else query


def _ranked(tx: Tx, project_id: ProjectId, asked: IncidentQuery) -> Select[Any]:
    """Rank, with a score that does not change as time goes by: a cursor stays good for as long as anybody likes.

    `as_of` is when the first page was asked for. What opened since does not push others from one page to the next.
    """
    as_of, *position = _position(asked, (_Key(None, _time), _Key(None, _number), _Key(None, UUID))) or [tx.now]
    newest = (
        select(IncidentRow.id, IncidentRow.created_at, IncidentRow.search)
        .where(*_conditions(tx, project_id, asked), IncidentRow.created_at <= as_of)
        .order_by(IncidentRow.created_at.desc(), IncidentRow.id.desc())
        .limit(_RANKED)
        .subquery()
    )
    rank = func.ts_rank_cd(newest.c.search, wanted(asked.q))
    age = extract("epoch", newest.c.created_at) / _RECENCY_SECONDS
    scored = select(
        literal(as_of).label("as_of"), cast(func.ln(rank + _MIN_RANK) + age, Double).label("score"), newest.c.id
    ).subquery()
    query = select(scored).order_by(scored.c.score.desc(), scored.c.id.desc())
    return query.where(tuple_(scored.c.score, scored.c.id) < tuple_(*position)) if position else query


def _conditions(tx: Tx, project_id: ProjectId, asked: IncidentQuery) -> Sequence[ColumnElement[bool]]:
    row = IncidentRow
    possible: Sequence[tuple[object, Callable[[], ColumnElement[bool]]]] = (
        (asked.state, lambda: row.state.in_([one.value for one in asked.state])),
        (asked.open is True, lambda: row.state.in_(sorted(OPEN))),
        (asked.open is False, lambda: row.state.not_in(sorted(OPEN))),
        (asked.severity, lambda: row.severity.in_([one.value for one in asked.severity])),
        (asked.service, lambda: row.service_name.in_(asked.service)),
        (asked.assignee, lambda: _assigned(tx, asked)),
        (asked.label, lambda: row.labels.contains(dict(asked.labels))),
        (asked.since, lambda: row.created_at >= asked.since),
        (asked.until, lambda: row.created_at < asked.until),
        (asked.flapping is True, lambda: row.flapping_until.is_not(None)),
        (asked.flapping is False, lambda: row.flapping_until.is_(None)),
        (asked.number, lambda: row.number == asked.number),
    )
    archived = row.archived_at.is_not(None) if asked.archived else row.archived_at.is_(None)
    return [
        row.tenant_id == tx.tenant_id,
        row.project_id == project_id,
        archived,
        *(condition() for is_asked, condition in possible if is_asked),
    ]


def _assigned(tx: Tx, asked: Filters) -> ColumnElement[bool]:
    people = [tx.actor.id if one == "me" else one for one in asked.assignee if one != "none"]
    chosen = [IncidentRow.assignee_id.in_(people)] if people else []
    return or_(*chosen, *([IncidentRow.assignee_id.is_(None)] if "none" in asked.assignee else []))


def _cursor(asked: IncidentQuery, last: Row[Any]) -> str:
    texts = [value.isoformat() if isinstance(value, datetime) else str(value) for value in last]
    return cursor_of(_SEPARATOR.join([asked.order.value, *texts]))


def _position(asked: IncidentQuery, keys: Sequence[_Key]) -> list[Any] | None:
    """Return the key of the last incident of the page before, None on the first page. Raises `BadCursor`."""
    if not asked.cursor:
        return None
    order, *texts = last_of(asked.cursor).split(_SEPARATOR)
    if order != asked.order.value or len(texts) != len(keys):
        raise BadCursor
    try:
        return [key.read(text) for key, text in zip(keys, texts, strict=True)]
    except ValueError:
        raise BadCursor from None


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("without a zone")
    return plausible(at)


def _number(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("no number")
    return number


def _severity(text: str) -> int:
    rank = int(text)
    if not 0 < rank <= _SEVEREST:
        raise ValueError("no severity")
    return rank


_OPENED: Final = (_Key(IncidentRow.created_at, _time), _Key(IncidentRow.id, UUID))
_KEYS: Final[Mapping[Sort, Sequence[_Key]]] = {
    Sort.NEWEST: _OPENED,
    Sort.UPDATED: (_Key(IncidentRow.updated_at, _time), _Key(IncidentRow.id, UUID)),
    Sort.SEVERITY: (_Key(IncidentRow.severity_rank, _severity), *_OPENED),
}
