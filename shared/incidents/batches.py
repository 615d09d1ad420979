"""One webhook's alerts, as they travel to the database or through the queue."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from shared.alerts.payloads import Received
from shared.alerts.values import Delivery
from shared.kernel.canonical import canonical
from shared.kernel.errors import Unauthenticated
from shared.kernel.values import Actor
from shared.platform.foreign import Rejected, cut
from shared.platform.queues import MAX_MESSAGE_BYTES
from shared.platform.runtime import Runtime

_MAX_LETTER: Final = 4_096
_MAX_CUT_BYTES: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One webhook's alerts, as they travel to the database or through the queue.

    `received_at` is when the webhook came, by which its token is judged; `at` is when its storing last began.
    """

    batch_id: UUID
    tenant_id: UUID
    project_id: UUID
    integration_id: UUID
    token_version: int
    received_at: datetime
    at: datetime
    deliveries: tuple[Delivery, ...]
    rejected: tuple[Rejected, ...] = ()
    truncated: int = 0
    trace: str = ""

    def __len__(self) -> int:
        return max(1, len(self.deliveries))


_BATCH: Final = TypeAdapter(Batch)


def batch_of(runtime: Runtime, actor: Actor, received: Received, trace: str) -> Batch:
    """Return what an integration's webhook brought as a batch."""
    if actor.tenant_id is None or actor.project_id is None or actor.id is None:
        raise Unauthenticated
    now = runtime.clock.now()
    return Batch(
        batch_id=runtime.ids.new(),
        tenant_id=actor.tenant_id,
        project_id=actor.project_id,
        integration_id=actor.id,
        token_version=actor.token_version,
        received_at=now,
        at=now,
        deliveries=received.deliveries,
        rejected=received.rejected,
        truncated=received.truncated,
        trace=trace,
    )


def pack(batch: Batch) -> Iterator[str]:
    """Write a batch as queue messages of at most `MAX_MESSAGE_BYTES`; halved until each one fits.

    A single alert that is too large has its annotations cut, then loses them, then has its labels cut, and is marked
    so: its identity stays. One that is too large even then becomes a dead letter.
    """
    message = _BATCH.dump_json(batch)
    if len(message) <= MAX_MESSAGE_BYTES:
        yield message.decode()
    elif batch.rejected and batch.deliveries:
        yield from pack(replace(batch, rejected=()))
        yield from pack(replace(batch, deliveries=(), truncated=0))
    elif len(batch) > 1 or len(batch.rejected) > 1:
        half, kept = len(batch.deliveries) // 2, len(batch.rejected) // 2
        yield from pack(replace(batch, deliveries=batch.deliveries[:half], rejected=batch.rejected[:kept]))
        yield from pack(replace(batch, deliveries=batch.deliveries[half:], rejected=batch.rejected[kept:], truncated=0))
    elif smaller := next((one for one in map(_cut, batch.deliveries) if one), None):
        yield from pack(replace(batch, deliveries=(smaller,)))
    else:
        yield from pack(replace(batch, deliveries=(), rejected=refused(batch, "too large for the queue")))


def _cut(delivery: Delivery) -> Delivery | None:
    """Return a delivery with less to it; None when nothing more can go."""
    shorter = _shorter(delivery.annotations)
    if shorter != delivery.annotations:
        return replace(delivery, annotations=shorter, cut=True)
    if delivery.annotations:
        return replace(delivery, annotations={}, cut=True)
    labels = _shorter(delivery.labels)
    return replace(delivery, labels=labels, cut=True) if labels != delivery.labels else None


def _shorter(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: cut(text, _MAX_CUT_BYTES) for name, text in texts.items()}


def unpack(message: str) -> Batch:
    """Read a message that `pack` wrote. Raises `pydantic.ValidationError`."""
    return _BATCH.validate_json(message)


def refused(batch: Batch, reason: str) -> tuple[Rejected, ...]:
    """Return a batch's alerts as dead letters."""
    return tuple(
        Rejected(
            reason=reason,
            content=canonical({"labels": dict(d.labels), "status": d.status.value, "startsAt": str(d.starts_at)})[
                :_MAX_LETTER
            ],
        )
        for d in batch.deliveries
    )
