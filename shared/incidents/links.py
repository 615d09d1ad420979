"""Links between incidents, as people draw them and take them away."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, and_, or_

from shared.incidents import store
from shared.incidents.commands import check_in_use, updated
from shared.incidents.errors import AlreadyLinked, LinkNotFound, LinkToItself
from shared.incidents.link_schemas import LinkIn
from shared.incidents.tables import LinkRow
from shared.incidents.values import SYMMETRIC
from shared.kernel.values import IncidentId, ProjectId
from shared.platform.runtime import Tx


async def add_link(tx: Tx, project_id: ProjectId, incident_id: IncidentId, given: LinkIn) -> LinkRow:
    """Link an incident to another one of the project. One that was taken away comes back.

    Raises `IncidentNotFound`, `LinkToItself`, `PutAway`, `AlreadyLinked`.
    """
    rows = await store.lock_together(tx, project_id, {incident_id, given.other_id})
    if given.other_id == incident_id:
        raise LinkToItself
    check_in_use(rows[incident_id])
    there = and_(LinkRow.incident_id == incident_id, LinkRow.other_id == given.other_id)
    back = and_(LinkRow.incident_id == given.other_id, LinkRow.other_id == incident_id)
    link = await tx.session.scalar(
        tx.select(LinkRow).where(
            LinkRow.kind == given.kind.value, or_(there, back) if given.kind in SYMMETRIC else there
        )
    )
    if link is not None and link.removed_at is None:
        raise AlreadyLinked
    if link is None:
        link = LinkRow(
            tenant_id=tx.tenant_id,
            id=tx.ids.new(),
            incident_id=incident_id,
            other_id=given.other_id,
            kind=given.kind.value,
            created_at=tx.now,
        )
        tx.session.add(link)
    link.removed_at = None
    for row in (rows[incident_id], rows[given.other_id]):
        tx.record(updated(row, {"link": (None, _said(link))}))
    return link


async def remove_link(tx: Tx, project_id: ProjectId, incident_id: IncidentId, link_id: UUID) -> None:
    """Take a link of an incident away. Raises `IncidentNotFound`, `PutAway`, `LinkNotFound`."""
    check_in_use((await store.get(tx, project_id, incident_id)).incident)
    query = _links_of(tx, incident_id).where(LinkRow.id == link_id)
    found = await tx.session.scalar(query)
    if found is None:
        raise LinkNotFound
    rows = await store.lock_together(tx, project_id, {found.incident_id, found.other_id})
    link = await tx.session.scalar(query.execution_options(populate_existing=True))
    if link is None:
        raise LinkNotFound
    link.removed_at = tx.now
    for row in (rows[link.incident_id], rows[link.other_id]):
        tx.record(updated(row, {"link": (_said(link), None)}))


async def list_links(
    tx: Tx, project_id: ProjectId, incident_id: IncidentId, *, after: UUID | None, limit: int
) -> Sequence[LinkRow]:
    """Return an incident's links, from it and to it, oldest first. Raises `IncidentNotFound`."""
    await store.check_exists(tx, project_id, incident_id)
    query = _links_of(tx, incident_id).order_by(LinkRow.id).limit(limit)
    return (await tx.session.scalars(query.where(LinkRow.id > after) if after is not None else query)).all()


def _links_of(tx: Tx, incident_id: UUID) -> Select[LinkRow]:
    either_end = or_(LinkRow.incident_id == incident_id, LinkRow.other_id == incident_id)
    return tx.select(LinkRow).where(either_end, LinkRow.removed_at.is_(None))


def _said(link: LinkRow) -> dict[str, object]:
    return {"id": str(link.id), "incident_id": str(link.incident_id), "other_id": str(link.other_id), "kind": link.kind}
