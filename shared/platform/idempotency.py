"""`Idempotency-Key`: a creating request that is sent twice takes effect once, and both senders get one answer.

The key is claimed in the transaction that creates, so there is no moment in which a crash leaves one without the other.
The answer is kept sealed, because it may hold what is shown only once.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from shared.kernel.errors import Conflict, Invalid
from shared.platform.runtime import Runtime, Tx
from shared.platform.tables import IdempotencyRow
from shared.platform.vault import Place, Unsealable

KEPT_FOR: Final = timedelta(hours=24)


class KeyReused(Invalid):
    title = "This Idempotency-Key was used for a different request."

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "Idempotency-Key", "message": "was used for a different request"}])


class AlreadyRequested(Conflict):
    """The same request is under way, or it was carried out and its answer was lost on the way."""

    title = "This request was already made, and its answer is not available."


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A creating request. `digest` is of all that makes it the same one."""

    actor_id: UUID
    operation: str
    key: str
    digest: str


async def claim(tx: Tx, request: Request) -> None:
    """Take the key together with the effect. Raises `AlreadyRequested` when it is taken."""
    claimed = await tx.session.execute(
        insert(IdempotencyRow)
        .values(
            tenant_id=tx.tenant_id,
            id=tx.ids.new(),
            actor_id=request.actor_id,
            operation=request.operation,
            key=request.key,
            digest=request.digest,
            created_at=tx.now,
        )
        .on_conflict_do_nothing()
        .returning(IdempotencyRow.id)
    )
    if claimed.first() is None:
        raise AlreadyRequested


async def recall(tx: Tx, request: Request, runtime: Runtime) -> str | None:
    """Return the answer that was given to this request; None when it is new.

    Raises `KeyReused` for another request's key, `AlreadyRequested` when there is no answer to give.
    """
    row = await _find(tx, request)
    if row is None:
        return None
    if row.digest != request.digest:
        raise KeyReused
    if row.answer is None:
        raise AlreadyRequested
    try:
        return runtime.vault.open(row.answer, _place(tx, row.id))
    except Unsealable:
        raise AlreadyRequested from None


async def keep(tx: Tx, request: Request, answer: str, runtime: Runtime) -> None:
    """Keep the answer for whoever asks again."""
    row = await _find(tx, request)
    if row is not None:
        row.answer = runtime.vault.seal(answer, _place(tx, row.id))


async def forget(runtime: Runtime) -> None:
    """Let go of keys whose time is over."""
    async with runtime.system_transaction() as tx:
        await tx.session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < tx.now - KEPT_FOR))


async def _find(tx: Tx, request: Request) -> IdempotencyRow | None:
    return await tx.session.scalar(
        tx.select(IdempotencyRow).where(
            IdempotencyRow.actor_id == request.actor_id,
            IdempotencyRow.operation == request.operation,
            IdempotencyRow.key == request.key,
        )
    )


def _place(tx: Tx, row_id: UUID) -> Place:
    return Place(tenant_id=tx.tenant_id, table=IdempotencyRow.__tablename__, column="answer", row_id=row_id)
