"""Queue `changes`: batches that could not wait for the database."""

from functions.queues import content_consumer
from shared.changes.recording import record_spilled
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime


@content_consumer(Queue.CHANGES)
async def ingest_changes(runtime: Runtime, message: str) -> None:
    """Store a spilled batch, by the same command as the webhook."""
    await record_spilled(runtime, message)
