"""Queue `audit`: calls that could not wait for the tables."""

from functions.queues import content_consumer
from shared.platform.queues import Queue
from shared.platform.refused_calls import bury_call
from shared.platform.runtime import Runtime


@content_consumer(Queue.AUDIT)
async def store_calls(runtime: Runtime, message: str) -> None:
    """Store what was recorded while the tables were away. What they refuse for good becomes a dead letter."""
    for refused in await runtime.audit.store_queued(message):
        await bury_call(runtime, refused)
