"""Alerts in: the hot path. Store before answering, in a transaction that whoever waits shares.

While the database is away a batch goes to the queue, and a queue function stores it later by the same merge.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID

from shared.incidents.batches import Batch, pack, refused, unpack
from shared.incidents.merge import Written, merge
from shared.integrations.commands import is_refused_by_cache
from shared.kernel.errors import Unauthenticated
from shared.platform.database import DatabaseAway, Unstorable
from shared.platform.faults import fault
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime
from shared.platform.settings import IngestMode

_RESEND_SECONDS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Where a batch went. `stored` is "queue" while the database does not answer."""

    batch_id: UUID
    accepted: int
    rejected: int
    stored: Literal["database", "queue"]


async def ingest(runtime: Runtime, batch: Batch) -> Stored:
    """Store a batch: in the database, or on the queue while the database is away.

    Raises `Unauthenticated` when the token holds no more, `Unavailable` when neither store answers.
    """
    stored: Literal["database", "queue"] = "queue"
    if runtime.settings.ingest_mode is IngestMode.DATABASE:
        try:
            await store(runtime, batch)
            stored = "database"
        except DatabaseAway:
            await _spill(runtime, batch)
    else:
        await _spill(runtime, batch)
    return Stored(batch_id=batch.batch_id, accepted=len(batch.deliveries), rejected=len(batch.rejected), stored=stored)


async def store(runtime: Runtime, batch: Batch) -> None:
    """Merge a batch into the database. Raises `DatabaseAway`; `Unauthenticated` when the token holds no more."""
    try:
        written = await runtime.database.together(merge, batch.tenant_id, batch)
    except Unstorable as error:
        await _store_singly(runtime, batch, error)
        return
    if written is Written.REFUSED:
        raise Unauthenticated
    fault("ingest.after_commit")
    if written is Written.NEW:
        await runtime.responses.outdate([batch.project_id])
        runtime.relay.nudge()


async def store_spilled(runtime: Runtime, message: str) -> None:
    """Merge a message of the queue. While the database is away it goes back, so that no try is spent on waiting."""
    batch = replace(unpack(message), at=runtime.clock.now())
    try:
        await store(runtime, batch)
    except DatabaseAway:
        await runtime.queues.send(Queue.ALERTS, message, delay=_RESEND_SECONDS)


async def _store_singly(runtime: Runtime, batch: Batch, error: Unstorable) -> None:
    """Keep one alert that the database cannot hold from taking the others with it."""
    if len(batch.deliveries) > 1:
        for delivery in batch.deliveries:
            await store(runtime, replace(batch, deliveries=(delivery,), rejected=()))
        await store(runtime, replace(batch, deliveries=()))
    elif batch.deliveries:
        await store(runtime, replace(batch, deliveries=(), rejected=(*batch.rejected, *refused(batch, error.title))))
    else:
        raise error


async def _spill(runtime: Runtime, batch: Batch) -> None:
    """Put a batch on the queue. The cache is then the only store that may know of a revoked token."""
    if await is_refused_by_cache(runtime, batch.integration_id, batch.token_version):
        raise Unauthenticated
    for message in pack(batch):
        await runtime.queues.send(Queue.ALERTS, message)
    fault("ingest.after_spill")
