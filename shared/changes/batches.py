"""What one webhook call told of changes, as it travels to the database or through the queue."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from shared.changes.payloads import Received
from shared.changes.values import Change
from shared.kernel.errors import Unauthenticated
from shared.kernel.values import Actor
from shared.platform.foreign import Rejected
from shared.platform.queues import MAX_MESSAGE_BYTES
from shared.platform.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeBatch:
    """The changes of one call. `at` is when they were received, by which their token is judged."""

    batch_id: UUID
    tenant_id: UUID
    project_id: UUID
    integration_id: UUID
    token_version: int
    at: datetime
    changes: tuple[Change, ...]
    rejected: tuple[Rejected, ...] = ()
    trace: str = ""

    def __len__(self) -> int:
        return max(1, len(self.changes))


_BATCH: Final = TypeAdapter(ChangeBatch)


def batch_of(runtime: Runtime, actor: Actor, received: Received, trace: str) -> ChangeBatch:
    """Return what an integration's call told as a batch."""
    if actor.tenant_id is None or actor.project_id is None or actor.id is None:
        raise Unauthenticated
    return ChangeBatch(
        batch_id=runtime.ids.new(),
        tenant_id=actor.tenant_id,
        project_id=actor.project_id,
        integration_id=actor.id,
        token_version=actor.token_version,
        at=runtime.clock.now(),
        changes=received.changes,
        rejected=received.rejected,
        trace=trace,
    )


def pack(batch: ChangeBatch) -> Iterator[str]:
    """Write a batch as queue messages of at most `MAX_MESSAGE_BYTES`. A change alone always fits into one."""
    message = _BATCH.dump_json(batch)
    if len(message) <= MAX_MESSAGE_BYTES:
        yield message.decode()
        return
    half, kept = len(batch.changes) // 2, len(batch.rejected) // 2
    yield from pack(replace(batch, changes=batch.changes[:half], rejected=batch.rejected[:kept]))
    yield from pack(replace(batch, changes=batch.changes[half:], rejected=batch.rejected[kept:]))


def unpack(message: str) -> ChangeBatch:
    """Read a message that `pack` wrote. Raises `pydantic.ValidationError`."""
    return _BATCH.validate_json(message)
