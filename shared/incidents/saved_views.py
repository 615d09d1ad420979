"""Saved views: named filters of the list, for oneself or for the whole project."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, tuple_

from shared.incidents.errors import SavedViewNotFound
from shared.incidents.events import SavedViewCreated, SavedViewRemoved, SavedViewUpdated
from shared.incidents.filters import SavedViewIn, SavedViewPatch
from shared.incidents.tables import SavedViewRow
from shared.kernel.errors import Forbidden, Unauthenticated, check_version
from shared.kernel.values import Permission, ProjectId
from shared.platform.runtime import Tx


async def create_view(tx: Tx, project_id: ProjectId, given: SavedViewIn) -> SavedViewRow:
    """Save a view as the caller's own. Raises `AlreadyTaken`, `Forbidden` where the caller may not share it."""
    _check_sharing(tx, given.shared)
    row = SavedViewRow(
        tenant_id=tx.tenant_id,
        id=tx.ids.new(),
        project_id=project_id,
        owner_id=_caller(tx),
        name=given.name,
        filters=given.filters.stored(),
        shared=given.shared,
        version=1,
        created_at=tx.now,
    )
    tx.session.add(row)
    await tx.session.flush()
    tx.record(SavedViewCreated(project_id=project_id, subject_id=row.id, data={"name": row.name, "shared": row.shared}))
    return row


async def list_views(
    tx: Tx, project_id: ProjectId, *, after: tuple[str, UUID] | None, limit: int
) -> Sequence[SavedViewRow]:
    """Return the caller's views and those that are shared in the project, by name, `after` a name and an id."""
    query = tx.select(SavedViewRow).where(
        SavedViewRow.project_id == project_id,
        SavedViewRow.removed_at.is_(None),
        or_(SavedViewRow.owner_id == _caller(tx), SavedViewRow.shared),
    )
    if after is not None:
        query = query.where(tuple_(SavedViewRow.name, SavedViewRow.id) > tuple_(*after))
    return (await tx.session.scalars(query.order_by(SavedViewRow.name, SavedViewRow.id).limit(limit))).all()


async def update_view(
    tx: Tx, project_id: ProjectId, view_id: UUID, given: SavedViewPatch, *, expected: int | None
) -> SavedViewRow:
    """Change what `given` names.

    Raises `SavedViewNotFound`, `Forbidden`, `StaleVersion`, `AlreadyTaken`.
    """
    row = await _own(tx, project_id, view_id)
    check_version(row.version, expected)
    wanted = given.model_dump(exclude_unset=True, include={"name", "shared"})
    if given.filters is not None:
        wanted["filters"] = given.filters.stored()
    changes = {name: (getattr(row, name), value) for name, value in wanted.items() if getattr(row, name) != value}
    if not changes:
        return row
    _check_sharing(tx, "shared" in changes and row.shared is False)
    for name, (_, value) in changes.items():
        setattr(row, name, value)
    row.version += 1
    await tx.session.flush()
    tx.record(SavedViewUpdated(project_id=project_id, subject_id=row.id, changes=changes))
    return row


async def remove_view(tx: Tx, project_id: ProjectId, view_id: UUID) -> None:
    """Take a view away. Raises `SavedViewNotFound`, `Forbidden`."""
    row = await _own(tx, project_id, view_id)
    row.removed_at = tx.now
    tx.record(SavedViewRemoved(project_id=project_id, subject_id=row.id, changes={"name": (row.name, None)}))


async def _own(tx: Tx, project_id: ProjectId, view_id: UUID) -> SavedViewRow:
    """Lock a view that the caller owns; what somebody else has not shared is not there."""
    row = await tx.session.scalar(
        tx.select(SavedViewRow)
        .where(SavedViewRow.project_id == project_id, SavedViewRow.id == view_id, SavedViewRow.removed_at.is_(None))
        .with_for_update()
    )
    is_own = row is not None and row.owner_id == _caller(tx)
    if row is None or not (is_own or row.shared):
        raise SavedViewNotFound
    if not is_own:
        raise Forbidden("Only the owner of a saved view can change it.")
    return row


def _check_sharing(tx: Tx, shares: bool) -> None:  # noqa: FBT001 - the one thing that it is asked
    if shares and Permission.INCIDENT_TRANSITION not in tx.actor.permissions:
        raise Forbidden(needs=Permission.INCIDENT_TRANSITION.value)


def _caller(tx: Tx) -> UUID:
    if tx.actor.id is None:
        raise Unauthenticated
    return tx.actor.id
