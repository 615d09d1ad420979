"""Queue `alerts`: batches that could not wait for the database."""

from functions.queues import content_consumer
from shared.incidents.ingest import ingest_spilled
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime


@content_consumer(Queue.ALERTS)
async def ingest_alerts(runtime: Runtime, message: str) -> None:
    """Merge a spilled batch, by the same command as the webhook."""
    await ingest_spilled(runtime, message)
