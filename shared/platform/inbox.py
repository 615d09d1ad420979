"""Deliveries may repeat; effects may not. A consumer's last transaction says that it has finished an event."""

from uuid import UUID

from sqlalchemy import case, func, update
from sqlalchemy.dialects.postgresql import insert

from shared.platform.runtime import Tx
from shared.platform.tables import EventRow, InboxRow


class AlreadyDone(Exception):
    """Another delivery of the same event has been finished."""


async def is_done(tx: Tx, consumer: str, event_id: UUID) -> bool:
    """Whether the consumer has finished the event."""
    found = await tx.session.get(InboxRow, {"tenant_id": tx.tenant_id, "id": event_id, "consumer": consumer})
    return found is not None


async def finish(tx: Tx, consumer: str, event_id: UUID) -> None:
    """Say that the consumer has finished the event, when this transaction commits. Raises `AlreadyDone`."""
    inserted = await tx.session.execute(
        insert(InboxRow)
        .values(tenant_id=tx.tenant_id, consumer=consumer, id=event_id, at=tx.now)
        .on_conflict_do_nothing()
        .returning(InboxRow.id)
    )
    if inserted.first() is None:
        raise AlreadyDone
    rest = func.array_remove(EventRow.awaiting, consumer)
    is_over = (func.cardinality(rest) == 0) & EventRow.published_at.is_not(None)
    await tx.session.execute(
        update(EventRow)
        .where(EventRow.tenant_id == tx.tenant_id, EventRow.id == event_id)
        .values(awaiting=rest, due_at=case((is_over, None), else_=EventRow.due_at))
    )
