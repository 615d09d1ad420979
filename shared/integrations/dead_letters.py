"""What could not be processed, for people to see."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select, tuple_

from shared.integrations.schemas import DeadLetterOut, DeadLettersQuery
from shared.kernel.masking import mask_secrets
from shared.kernel.values import ProjectId
from shared.platform.paging import last_moment
from shared.platform.runtime import Tx
from shared.platform.tables import DeadLetterRow

_MAX_SHOWN: Final = 2_000  # characters of a letter, which may have 65,536


async def newest(tx: Tx, project_id: ProjectId, asked: DeadLettersQuery) -> Sequence[DeadLetterOut]:
    """Return a project's dead letters, the latest first, and one more than fit the page. Raises `BadCursor`.

    They were masked when they were kept, and are again, by what is known of secrets today.
    """
    excerpt = func.left(DeadLetterRow.content, _MAX_SHOWN)
    query = select(DeadLetterRow.id, DeadLetterRow.at, DeadLetterRow.source, DeadLetterRow.reason, excerpt).where(
        DeadLetterRow.tenant_id == tx.tenant_id, DeadLetterRow.project_id == project_id
    )
    if asked.cursor:
        query = query.where(tuple_(DeadLetterRow.at, DeadLetterRow.id) < last_moment(asked.cursor))
    query = query.order_by(DeadLetterRow.at.desc(), DeadLetterRow.id.desc()).limit(asked.limit + 1)
    return [
        DeadLetterOut(id=id_, at=at, source=source, reason=reason, excerpt=mask_secrets(content))
        for id_, at, source, reason, content in await tx.session.execute(query)
    ]
