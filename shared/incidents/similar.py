"""Past incidents that are like one: candidates from indexes, compared one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Row, Select, Uuid, bindparam, func, select, union

from shared.incidents.errors import IncidentNotFound
from shared.incidents.similarity import ENOUGH, Likeness, Portrait, Trait, likeness, words_of
from shared.incidents.tables import IncidentRow
from shared.kernel.values import IncidentId, ProjectId
from shared.platform.runtime import Tx
from shared.platform.text_search import searching, wanted

_OF_A_KIND: Final = 50  # candidates that share the problem, the service, or words
_WORDED: Final = 300  # of those that share a word, the newest are ranked; alike in more than that, others are found
_MAX_WORDS: Final = 20
_COMPARED: Final = (
    IncidentRow.id,
    IncidentRow.created_at,
    IncidentRow.grouping_key,
    IncidentRow.alert_names,
    IncidentRow.service_name,
    IncidentRow.title,
    IncidentRow.labels,
    IncidentRow.number,
    IncidentRow.severity,
    IncidentRow.state,
    IncidentRow.resolved_at,
)

type Compared = Row[UUID, datetime, str, list[str], str, str, dict[str, str], int, str, str, datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """A past incident, as far as it was compared and is shown, and how it is alike."""

    incident: Compared
    likeness: Likeness


async def similar(tx: Tx, project_id: ProjectId, incident_id: IncidentId, *, limit: int) -> Sequence[Similar]:
    """Return the project's incidents that are most like one, best first. Raises `IncidentNotFound`.

    Archived incidents are left out, and those that became part of another.
    """
    compared = select(*_COMPARED).where(IncidentRow.tenant_id == tx.tenant_id, IncidentRow.project_id == project_id)
    subject = (await tx.session.execute(compared.where(IncidentRow.id == incident_id))).one_or_none()
    if subject is None:
        raise IncidentNotFound
    there = (IncidentRow.archived_at.is_(None), IncidentRow.merged_into.is_(None))
    candidates = _candidates(tx, project_id, subject, await _worded(tx, project_id, subject))
    found = await tx.session.execute(compared.where(IncidentRow.id.in_(candidates), *there))
    own = _portrait(subject)
    alike = (Similar(incident=row, likeness=likeness(own, _portrait(row))) for row in found)
    best = [one for one in alike if one.likeness.score >= ENOUGH]
    return sorted(best, key=lambda one: (-one.likeness.score, one.likeness.id.int))[:limit]


def _candidates(tx: Tx, project_id: ProjectId, subject: Compared, worded: Sequence[UUID]) -> Select[Any]:
    """The ids of those that share the problem or the service, and of those that share words."""
    kinds = (IncidentRow.grouping_key == subject.grouping_key, IncidentRow.service_name == subject.service_name)
    alike = [select(_newest(tx, project_id, subject, kind, limit=_OF_A_KIND).subquery()) for kind in kinds]
    given = bindparam("worded", list(worded), type_=ARRAY(Uuid()))
    return select(union(*alike, select(func.unnest(given))).subquery())


async def _worded(tx: Tx, project_id: ProjectId, subject: Compared) -> Sequence[UUID]:
    """The ids of those that share most words of the title and of the names of alerts."""
    words = sorted(words_of(" ".join([subject.title, *subject.alert_names])))[:_MAX_WORDS]
    if not words:
        return ()
    query = wanted(" or ".join(words))
    newest = _newest(tx, project_id, subject, limit=_WORDED).add_columns(IncidentRow.search).subquery()
    ranked = select(newest.c.id).order_by(func.ts_rank(newest.c.search, query).desc(), newest.c.id).limit(_OF_A_KIND)
    async with searching(tx, project_id, [query]):
        return (await tx.session.scalars(ranked)).all()


def _newest(
    tx: Tx, project_id: ProjectId, subject: Compared, *conditions: ColumnElement[bool], limit: int
) -> Select[Any]:
    return (
        select(IncidentRow.id)
        .where(
            IncidentRow.tenant_id == tx.tenant_id,
            IncidentRow.project_id == project_id,
            IncidentRow.id != subject.id,
            *conditions,
        )
        .order_by(IncidentRow.created_at.desc())
        .limit(limit)
    )


def _portrait(row: Compared) -> Portrait:
    return Portrait(
        id=row.id,
        opened_at=row.created_at,
        features={
            Trait.PROBLEM: frozenset({row.grouping_key}),
            Trait.ALERTS: frozenset(row.alert_names),
            Trait.SERVICE: frozenset({row.service_name} - {""}),
            Trait.WORDS: words_of(row.title),
            Trait.LABELS: frozenset(f"{name}={value}" for name, value in row.labels.items()),
        },
    )
