"""What could not be processed is kept, with its reason, where people can see it."""

import hashlib
from typing import Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from shared.platform.runtime import Tx
from shared.platform.tables import DeadLetterRow

_MAX_CONTENT: Final = 64 * 1_024


async def bury(tx: Tx, *, project_id: UUID, source: str, reason: str, content: str) -> None:
    """Keep a dead letter; the same one from the same source is kept once."""
    text = content.replace("\x00", "�")[:_MAX_CONTENT]
    await tx.session.execute(
        insert(DeadLetterRow)
        .values(
            tenant_id=tx.tenant_id,
            id=tx.ids.new(),
            project_id=project_id,
            at=tx.now,
            source=source,
            reason=reason,
            content=text,
            digest=hashlib.sha256(f"{reason}{text}".encode()).hexdigest(),
        )
        .on_conflict_do_nothing()
    )
