"""Queue `notifications`: tell people, in the channels that they chose."""

from functions.queues import Job, consumer
from shared.notifications.reactions import plan
from shared.notifications.sending import send
from shared.platform.queues import Queue


@consumer(Queue.NOTIFICATIONS)
async def deliver(job: Job) -> None:
    """Plan what an event makes known, once, and then try each delivery; `retry_deliveries` does the rest."""
    async with job.transaction(once=True) as tx:
        planned = await plan(tx, job.event)
    await send(job.runtime, job.event.tenant_id, planned)
