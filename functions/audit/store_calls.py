"""Queue `audit`: calls that could not wait for the tables."""

from functions.queues import content_consumer
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime


@content_consumer(Queue.AUDIT)
async def store_calls(runtime: Runtime, message: str) -> None:
    """Store what was recorded while the tables were away."""
    await runtime.audit.store_queued(message)
