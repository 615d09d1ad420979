"""What people and programs tell of an incident beside its alerts: kept as it was sent, read at the next analysis."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from shared.hypotheses.errors import EvidenceFull
from shared.hypotheses.events import EvidenceAdded
from shared.hypotheses.schemas import EvidenceIn, ObservationIn
from shared.hypotheses.tables import ObservationRow
from shared.hypotheses.values import EvidenceKind, Observation, Series
from shared.incidents import store as incidents
from shared.incidents.commands import check_in_use
from shared.kernel.canonical import canonical
from shared.kernel.values import IncidentId, ProjectId
from shared.platform.runtime import Tx

MAX_OBSERVATIONS: Final = 1_000
"""Of one incident. Whoever has more to tell tells it in fewer words."""

MAX_READ: Final = 300
"""So many are read, of all incidents that are one failure: a flood must not hold up everything else."""

MAX_READ_CHARACTERS: Final = 4 << 20
"""Of all that are read together; a point of a series counts as `_POINT_CHARACTERS`."""

_POINT_CHARACTERS: Final = 40  # a time and a number
_AT_ONCE: Final = 10  # others have their turn in between


async def add(tx: Tx, project_id: ProjectId, incident_id: IncidentId, given: EvidenceIn) -> int:
    """Add what the incident does not have yet; return how many that were.

    Raises `IncidentNotFound`, `PutAway`, `EvidenceFull`.
    """
    check_in_use(await incidents.lock(tx, incident_id, project_id))
    rows = {row["digest"]: row for row in (_row(tx, incident_id, one) for one in given.items)}
    stored = await tx.session.scalars(
        insert(ObservationRow).values(list(rows.values())).on_conflict_do_nothing().returning(ObservationRow.id)
    )
    added = len(stored.all())
    if await _count(tx, [incident_id]) > MAX_OBSERVATIONS:
        raise EvidenceFull(maximum=MAX_OBSERVATIONS)
    if added:
        data = {"incident_id": incident_id, "count": added}
        tx.record(EvidenceAdded(project_id=project_id, subject_id=incident_id, incident_id=incident_id, data=data))
    return added


async def page(tx: Tx, incident_id: UUID, *, after: UUID | None, limit: int) -> Sequence[ObservationRow]:
    """Return a page of what was told, in the order it came."""
    query = tx.select(ObservationRow).where(ObservationRow.incident_id == incident_id)
    if after is not None:
        query = query.where(ObservationRow.id > after)
    return (await tx.session.scalars(query.order_by(ObservationRow.id).limit(limit))).all()


async def of_incidents(tx: Tx, incident_ids: Sequence[UUID]) -> tuple[tuple[Observation, ...], tuple[str, ...]]:
    """Return what was told last of some incidents, in the order it came, and a gap if that is not all."""
    found, room = list[Observation](), MAX_READ_CHARACTERS
    query = tx.select(ObservationRow).where(ObservationRow.incident_id.in_(incident_ids))
    newest = query.order_by(ObservationRow.id.desc()).limit(MAX_READ).execution_options(yield_per=_AT_ONCE)
    rows = await tx.session.stream_scalars(newest)
    async for row in rows:
        room -= _size(row)
        if room < 0:
            break
        found.append(_observation(row))
    await rows.close()
    total = await _count(tx, incident_ids)
    gap = (
        f"{total - len(found)} of {total} observations: an analysis reads {MAX_READ}, those that came last, and"
        f" {MAX_READ_CHARACTERS >> 20} MiB of them."
    )
    return tuple(reversed(found)), (gap,) if len(found) < total else ()


def _size(row: ObservationRow) -> int:
    points = row.series["points"] if row.series else ()
    return len(row.text) + len(points) * _POINT_CHARACTERS


async def _count(tx: Tx, incident_ids: Sequence[UUID]) -> int:
    return (
        await tx.session.scalar(
            select(func.count()).where(
                ObservationRow.tenant_id == tx.tenant_id, ObservationRow.incident_id.in_(incident_ids)
            )
        )
        or 0
    )


def _row(tx: Tx, incident_id: UUID, given: ObservationIn) -> dict[str, object]:
    said = given.model_dump(mode="json")
    return {
        **given.model_dump(include={"kind", "component", "at", "title", "text"}),
        "tenant_id": tx.tenant_id,
        "id": tx.ids.new(),
        "incident_id": incident_id,
        "series": said["series"],
        "digest": hashlib.sha256(canonical(said).encode()).hexdigest(),
        "created_at": tx.now,
        "created_by": tx.actor.name,
    }


def _observation(row: ObservationRow) -> Observation:
    series = None
    if row.series is not None:
        points = sorted((datetime.fromisoformat(at), float(value)) for at, value in row.series["points"])
        series = Series(unit=row.series["unit"], points=tuple(points))
    return Observation(
        kind=EvidenceKind(row.kind),
        component=row.component,
        at=row.at,
        title=row.title,
        text=row.text,
        series=series,
    )
