"""What people say about an incident. Its text is never in the event log, so that deleting it deletes it."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by

from shared.incidents import store
from shared.incidents.commands import updated
from shared.incidents.errors import CommentNotFound
from shared.incidents.tables import CommentRow, IncidentRow
from shared.kernel.errors import Forbidden, Unauthenticated, check_version
from shared.kernel.values import IncidentId, Permission, ProjectId
from shared.platform.runtime import Tx
from shared.platform.text_search import ENGLISH

_SEARCHED: Final = 200  # comments of an incident, the newest
_LETTERS: Final = 100_000  # of these together, far within what a tsvector holds


async def add_comment(tx: Tx, project_id: ProjectId, incident_id: IncidentId, body: str) -> CommentRow:
    """Say something about an incident, also about one that was put away. Raises `IncidentNotFound`."""
    if tx.actor.id is None:
        raise Unauthenticated
    incident = await store.lock(tx, incident_id, project_id)
    row = CommentRow(
        tenant_id=tx.tenant_id,
        id=tx.ids.new(),
        incident_id=incident_id,
        author_kind=tx.actor.kind.value,
        author_id=tx.actor.id,
        author_name=tx.actor.name,
        body=body,
        version=1,
        created_at=tx.now,
    )
    tx.session.add(row)
    await _let_search(tx, incident_id)
    tx.record(updated(incident, {"comment": (None, row.id)}, "Comment added."))
    return row


async def edit_comment(
    tx: Tx, project_id: ProjectId, incident_id: IncidentId, comment_id: UUID, body: str, *, expected: int | None
) -> CommentRow:
    """Change one's own comment. Raises `IncidentNotFound`, `CommentNotFound`, `Forbidden`, `StaleVersion`."""
    incident = await store.lock(tx, incident_id, project_id)
    row = await _found(tx, incident_id, comment_id)
    if not _is_own(tx, row):
        raise Forbidden("Only the author can edit a comment.")
    check_version(row.version, expected)
    if body != row.body:
        row.body, row.edited_at = body, tx.now
        row.version += 1
        await _let_search(tx, incident_id)
        tx.record(updated(incident, {"comment": (row.id, row.id)}, "Comment edited."))
    return row


async def delete_comment(tx: Tx, project_id: ProjectId, incident_id: IncidentId, comment_id: UUID) -> None:
    """Delete one's own comment, or anybody's as a moderator; that there was one stays to be seen.

    Raises `IncidentNotFound`, `CommentNotFound`, `Forbidden`.
    """
    incident = await store.lock(tx, incident_id, project_id)
    row = await _found(tx, incident_id, comment_id)
    if not _is_own(tx, row) and Permission.COMMENT_MODERATE not in tx.actor.permissions:
        raise Forbidden("Only the author or a moderator can delete a comment.")
    row.body, row.deleted_at = "", tx.now
    row.version += 1
    await _let_search(tx, incident_id)
    tx.record(updated(incident, {"comment": (row.id, None)}, "Comment deleted."))


async def list_comments(
    tx: Tx, project_id: ProjectId, incident_id: IncidentId, *, after: UUID | None, limit: int
) -> Sequence[CommentRow]:
    """Return an incident's comments, oldest first, deleted ones without their text. Raises `IncidentNotFound`."""
    await store.check_exists(tx, project_id, incident_id)
    query = tx.select(CommentRow).where(CommentRow.incident_id == incident_id).order_by(CommentRow.id).limit(limit)
    found = await tx.session.scalars(query.where(CommentRow.id > after) if after is not None else query)
    return found.all()


async def _let_search(tx: Tx, incident_id: UUID) -> None:
    """Have searches find the locked incident by what its comments say now, and no longer by what they said."""
    await tx.session.flush()
    newest = (
        select(CommentRow.id, CommentRow.body)
        .where(
            CommentRow.tenant_id == tx.tenant_id,
            CommentRow.incident_id == incident_id,
            CommentRow.deleted_at.is_(None),
        )
        .order_by(CommentRow.id.desc())
        .limit(_SEARCHED)
        .subquery()
    )
    together = func.string_agg(newest.c.body, aggregate_order_by(literal(" "), newest.c.id.desc()))
    said = func.coalesce(select(func.left(together, _LETTERS)).scalar_subquery(), "")
    await tx.session.execute(
        update(IncidentRow)
        .where(IncidentRow.tenant_id == tx.tenant_id, IncidentRow.id == incident_id)
        .values(comment_words=func.to_tsvector(ENGLISH, said))
        .execution_options(synchronize_session=False)
    )


async def _found(tx: Tx, incident_id: UUID, comment_id: UUID) -> CommentRow:
    row = await tx.session.scalar(
        tx.select(CommentRow).where(
            CommentRow.incident_id == incident_id, CommentRow.id == comment_id, CommentRow.deleted_at.is_(None)
        )
    )
    if row is None:
        raise CommentNotFound
    return row


def _is_own(tx: Tx, row: CommentRow) -> bool:
    return (row.author_kind, row.author_id) == (tx.actor.kind.value, tx.actor.id)
