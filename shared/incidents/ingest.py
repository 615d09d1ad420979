"""Alerts in: the hot path. Store before answering, in a transaction that whoever waits shares.

While the database is away a batch goes to the queue, and a queue function stores it later by the same merge.
"""

from dataclasses import replace
from typing import Final

from shared.alerts.payloads import Received
from shared.incidents.batches import Batch, batch_of, pack, refused, unpack
from shared.incidents.merge import Outcome, merge_alerts
from shared.integrations.receiving import IngestRoute, store_or_spill, store_spilled
from shared.integrations.values import Stored
from shared.kernel.errors import Unauthenticated
from shared.kernel.values import Actor
from shared.platform.database import Unstorable
from shared.platform.faults import fault
from shared.platform.foreign import refusals
from shared.platform.metrics import INGEST_ALERTS, INGEST_SPILLED
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime


async def ingest(runtime: Runtime, actor: Actor, received: Received, trace: str) -> Stored:
    """Store what an integration sent: in the database, or on the queue while the database is away.

    Raises `Unauthenticated` when the token holds no more, `Unavailable` when neither store answers.
    """
    batch = batch_of(runtime, actor, received, trace)
    where = await store_or_spill(runtime, batch, _ROUTE)
    if where == "queue":
        runtime.metrics.add(INGEST_SPILLED, amount=len(batch.deliveries))
    return Stored(
        batch_id=batch.batch_id, accepted=len(batch.deliveries), rejected=refusals(batch.rejected), stored=where
    )


async def store(runtime: Runtime, batch: Batch) -> None:
    """Merge a batch into the database. Raises `DatabaseAway`; `Unauthenticated` when the token holds no more."""
    try:
        written = await runtime.database.together(merge_alerts, batch.tenant_id, batch)
    except Unstorable as error:
        await _store_singly(runtime, batch, error)
        return
    if written.outcome is Outcome.REFUSED:
        raise Unauthenticated
    fault("ingest.after_commit")
    _count(runtime, batch, written.new_alerts)
    if written.outcome is Outcome.NEW:
        await runtime.responses.outdate([batch.project_id])
        runtime.relay.nudge()


async def ingest_spilled(runtime: Runtime, message: str) -> None:
    """Merge a message of the queue."""
    await store_spilled(runtime, replace(unpack(message), at=runtime.clock.now()), _ROUTE, message)


def _count(runtime: Runtime, batch: Batch, new_alerts: int) -> None:
    found = {"new": new_alerts, "repeated": len(batch.deliveries) - new_alerts, "rejected": refusals(batch.rejected)}
    for result, alerts in found.items():
        if alerts:
            runtime.metrics.add(INGEST_ALERTS, result, amount=alerts)


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


_ROUTE: Final = IngestRoute(queue=Queue.ALERTS, store=store, pack=pack)
