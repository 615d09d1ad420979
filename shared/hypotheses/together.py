"""Incidents that are one failure: they share one analysis, that of the first of them."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import or_

from shared.incidents.tables import IncidentRow, LinkRow
from shared.incidents.values import LinkKind
from shared.platform.runtime import Tx

MAX_TOGETHER: Final = 20

APART: Final = timedelta(hours=1)
"""Related incidents that opened further apart are alike, but not one failure."""


async def one_failure(tx: Tx, incident_id: UUID) -> list[IncidentRow]:
    """Return the incidents that are one failure with this one, itself among them, the earliest first.

    That one is the leader: whose analysis all share. None where there is no such incident. Those that were merged into
    another have given it their alerts, and those that are archived concern nobody; of them only the asked one counts.
    """
    first = await tx.session.scalar(tx.select(IncidentRow).where(IncidentRow.id == incident_id))
    found = {first.id: first} if first else {}
    fresh = set(found)
    while fresh and len(found) < MAX_TOGETHER:
        fresh = {row.id for row in await _next_to(tx, fresh, found)}
    return sorted(found.values(), key=lambda row: (row.created_at, row.number))[:MAX_TOGETHER]


async def _next_to(tx: Tx, ids: set[UUID], found: dict[UUID, IncidentRow]) -> list[IncidentRow]:
    """The incidents related to some of those found, which join them."""
    links = await tx.session.scalars(
        tx.select(LinkRow)
        .where(
            or_(LinkRow.incident_id.in_(ids), LinkRow.other_id.in_(ids)),
            LinkRow.kind == LinkKind.RELATED.value,
            LinkRow.removed_at.is_(None),
        )
        .order_by(LinkRow.id)
        .limit(MAX_TOGETHER)
    )
    pairs = [(link.incident_id, link.other_id) for link in links]
    ways = [*pairs, *((there, here) for here, there in pairs)]
    wanted = {there: found[here] for here, there in ways if here in found and there not in found}
    rows = await tx.session.scalars(
        tx.select(IncidentRow).where(
            IncidentRow.id.in_(wanted), IncidentRow.merged_into.is_(None), IncidentRow.archived_at.is_(None)
        )
    )
    joined = [row for row in rows if abs(row.created_at - wanted[row.id].created_at) <= APART]
    found.update((row.id, row) for row in joined)
    return joined
