"""What integrations send is stored before it is answered: in the database, or on a queue.

The queue is for when the database is away, and for what a sender posts beyond its limit.

Alerts and changes come in alike; each says in an `IngestRoute` how its batches are stored and written as messages.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from shared.integrations.commands import is_refused_by_cache
from shared.integrations.values import Store
from shared.kernel.errors import Unauthenticated
from shared.platform.buckets import Limit
from shared.platform.database import DatabaseAway
from shared.platform.faults import fault
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime
from shared.platform.settings import IngestMode

_RESEND_SECONDS: Final = 30


class Batch(Protocol):
    """What one call of an integration brought."""

    @property
    def integration_id(self) -> UUID: ...
    @property
    def token_version(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestRoute[Sent: Batch]:
    """One kind's way in. `store` raises `DatabaseAway`; `pack` writes messages of at most `MAX_MESSAGE_BYTES`."""

    queue: Queue
    store: Callable[[Runtime, Sent], Awaitable[None]]
    pack: Callable[[Sent], Iterable[str]]


async def store_or_spill[Sent: Batch](runtime: Runtime, batch: Sent, route: IngestRoute[Sent]) -> Store:
    """Store a batch, or put it on the queue while the database is away or its sender is over its limit; says which.

    Raises `Unauthenticated` when the token holds no more, `Unavailable` when neither store answers.
    """
    if runtime.settings.ingest_mode is IngestMode.DATABASE and _is_within_limit(runtime, batch):
        try:
            await route.store(runtime, batch)
        except DatabaseAway:
            pass
        else:
            return "database"
    # The cache is now the only store that may know of a revoked token.
    if await is_refused_by_cache(runtime, batch.integration_id, batch.token_version):
        raise Unauthenticated
    for message in route.pack(batch):
        await runtime.queues.send(route.queue, message)
    fault("ingest.after_spill")
    return "queue"


async def store_spilled[Sent: Batch](runtime: Runtime, batch: Sent, route: IngestRoute[Sent], message: str) -> None:
    """Store what `message` brought. While the database is away it goes back: no try is spent on waiting."""
    try:
        await route.store(runtime, batch)
    except DatabaseAway:
        await runtime.queues.send(route.queue, message, delay=_RESEND_SECONDS)


def _is_within_limit(runtime: Runtime, batch: Batch) -> bool:
    """Whether a sender's batch need not wait behind those of others. Of this process alone, as no store is asked."""
    limit = Limit(count=runtime.settings.ingest_limit, seconds=60)
    return runtime.limits.local.take(f"direct:{batch.integration_id}", limit).allowed
