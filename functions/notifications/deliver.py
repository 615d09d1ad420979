"""Queue `notifications`: tell people, in the channels that they chose, and send them their links."""

from functions.queues import Job, consumer
from shared.access.letters import LETTERS, send_letter
from shared.notifications.reactions import plan
from shared.notifications.sending import send
from shared.platform.queues import Queue


@consumer(Queue.NOTIFICATIONS)
async def deliver(job: Job) -> None:
    """Send an event's letter; or plan what it makes known, once, and try each delivery: `retry_deliveries` goes on."""
    if job.event.type in LETTERS:
        await send_letter(job.runtime, job.event)
        return
    async with job.transaction(once=True) as tx:
        planned = await plan(tx, job.event)
    await send(job.runtime, job.event.tenant_id, planned)
