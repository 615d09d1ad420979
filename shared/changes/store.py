"""Queries over changes, by name."""

from collections.abc import Sequence

from sqlalchemy import tuple_

from shared.changes.schemas import ChangeQuery
from shared.changes.tables import ChangeRow
from shared.kernel.values import ProjectId
from shared.platform.paging import last_moment
from shared.platform.runtime import Tx


async def newest(tx: Tx, project_id: ProjectId, asked: ChangeQuery) -> Sequence[ChangeRow]:
    """Return the project's changes that are asked for, the latest first, and one more than fit the page.

    Raises `BadCursor`.
    """
    query = tx.select(ChangeRow).where(ChangeRow.project_id == project_id)
    if asked.component is not None:
        query = query.where(ChangeRow.component == asked.component)
    if asked.kind is not None:
        query = query.where(ChangeRow.kind == asked.kind.value)
    if asked.since is not None:
        query = query.where(ChangeRow.at >= asked.since)
    if asked.until is not None:
        query = query.where(ChangeRow.at < asked.until)
    if asked.cursor:
        query = query.where(tuple_(ChangeRow.at, ChangeRow.id) < last_moment(asked.cursor))
    found = await tx.session.scalars(query.order_by(ChangeRow.at.desc(), ChangeRow.id.desc()).limit(asked.limit + 1))
    return found.all()
