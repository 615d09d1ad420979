"""Past incidents that are like one: candidates from indexes, compared one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from shared.alerts.tables import AlertRow
from shared.incidents.errors import IncidentNotFound
from shared.incidents.similarity import ENOUGH, Likeness, Portrait, Trait, likeness, words_of
from shared.incidents.tables import IncidentRow
from shared.kernel.values import IncidentId, ProjectId
from shared.platform.runtime import Tx
from shared.platform.text_search import searching, wanted

_OF_A_KIND: Final = 50  # candidates that share the problem, the service, or words
_WORDED: Final = 1_000  # of those that share a word, the newest are ranked
_ALERTS_EACH: Final = 20
_MOST_WORDS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """A past incident, and how it is alike."""

    incident: IncidentRow
    likeness: Likeness


async def similar(tx: Tx, project_id: ProjectId, incident_id: IncidentId, *, limit: int) -> Sequence[Similar]:
    """Return the project's incidents that are most like one, best first. Raises `IncidentNotFound`.

    Archived incidents are left out, and those that became part of another.
    """
    row = await tx.session.scalar(
        tx.select(IncidentRow).where(IncidentRow.project_id == project_id, IncidentRow.id == incident_id)
    )
    if row is None:
        raise IncidentNotFound
    rows = {one.id: one for one in await _candidates(tx, row)}
    names = await _alert_names(tx, [row.id, *rows])
    own = _portrait(row, names)
    compared = (likeness(own, _portrait(one, names)) for one in rows.values())
    best = sorted((one for one in compared if one.score >= ENOUGH), key=lambda one: (-one.score, one.id.int))
    return [Similar(incident=rows[one.id], likeness=one) for one in best[:limit]]


async def _candidates(tx: Tx, row: IncidentRow) -> Sequence[IncidentRow]:
    same_problem = _newest(tx, row, IncidentRow.grouping_key == row.grouping_key)
    same_service = _newest(tx, row, IncidentRow.service_name == row.service_name)
    ids = {*(await tx.session.scalars(same_problem)), *(await tx.session.scalars(same_service))}
    if words := sorted(words_of(row.title))[:_MOST_WORDS]:
        query = wanted(" or ".join(words))
        async with searching(tx, ProjectId(row.project_id), [query]):
            ids |= {*(await tx.session.scalars(_best_worded(tx, row, query)))}
    found = await tx.session.scalars(
        tx.select(IncidentRow).where(
            IncidentRow.id.in_(ids), IncidentRow.archived_at.is_(None), IncidentRow.merged_into.is_(None)
        )
    )
    return found.all()


def _newest(tx: Tx, row: IncidentRow, *conditions: ColumnElement[bool]) -> Select[Any]:
    return (
        select(IncidentRow.id)
        .where(
            IncidentRow.tenant_id == tx.tenant_id,
            IncidentRow.project_id == row.project_id,
            IncidentRow.id != row.id,
            *conditions,
        )
        .order_by(IncidentRow.created_at.desc())
        .limit(_OF_A_KIND)
    )


def _best_worded(tx: Tx, row: IncidentRow, words: ColumnElement[Any]) -> Select[Any]:
    newest = _newest(tx, row).add_columns(IncidentRow.search).limit(_WORDED).subquery()
    return select(newest.c.id).order_by(func.ts_rank(newest.c.search, words).desc(), newest.c.id).limit(_OF_A_KIND)


async def _alert_names(tx: Tx, ids: Sequence[UUID]) -> Mapping[UUID, frozenset[str]]:
    """Return the names of the first alerts of incidents."""
    name = AlertRow.labels["alertname"].astext
    first = (
        select(name.label("name"))
        .where(AlertRow.tenant_id == IncidentRow.tenant_id, AlertRow.incident_id == IncidentRow.id)
        .order_by(AlertRow.id)
        .limit(_ALERTS_EACH)
        .lateral()
    )
    query = (
        select(IncidentRow.id, func.array_agg(first.c.name.distinct()))
        .join(first, onclause=first.c.name.is_not(None))
        .where(IncidentRow.tenant_id == tx.tenant_id, IncidentRow.id.in_(ids))
        .group_by(IncidentRow.id)
    )
    return {row[0]: frozenset(row[1]) for row in await tx.session.execute(query)}


def _portrait(row: IncidentRow, alert_names: Mapping[UUID, frozenset[str]]) -> Portrait:
    return Portrait(
        id=row.id,
        opened_at=row.created_at,
        features={
            Trait.PROBLEM: frozenset({row.grouping_key}),
            Trait.ALERTS: alert_names.get(row.id, frozenset()),
            Trait.SERVICE: frozenset({row.service_name} - {""}),
            Trait.WORDS: words_of(row.title),
            Trait.LABELS: frozenset(f"{name}={value}" for name, value in row.labels.items()),
        },
    )
