"""Deliveries may repeat; effects may not. A consumer's last transaction says that it has finished an event."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import case, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from shared.platform.runtime import Runtime, Tx
from shared.platform.tables import EventRow, InboxRow

KEPT_FOR: Final = timedelta(days=30)
"""So late may a message come again. Those that waited longer, in a queue that stood still, may take effect twice."""

_MAX_AT_ONCE: Final = 50_000


class AlreadyDone(Exception):
    """Another delivery of the same event has been finished."""


async def forget(runtime: Runtime) -> None:
    """Let go of what was finished long ago, as much at once as does not keep others waiting."""
    oldest = select(InboxRow.tenant_id, InboxRow.id, InboxRow.consumer).order_by(InboxRow.at).limit(_MAX_AT_ONCE)
    async with runtime.system_transaction() as system:
        old = oldest.where(InboxRow.at < system.now - KEPT_FOR)
        await system.session.execute(
            delete(InboxRow).where(tuple_(InboxRow.tenant_id, InboxRow.id, InboxRow.consumer).in_(old))
        )


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
