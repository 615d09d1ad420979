"""Queue `transitions`: the machine's own moves."""

from functions.queues import Job, consumer
from shared.incidents.reactions import react
from shared.platform.queues import Queue


@consumer(Queue.TRANSITIONS)
async def drive_incident(job: Job) -> None:
    """Make an incident's next move, or look at a project's held alerts, if what is stored calls for it."""
    async with job.transaction(once=True) as tx:
        await react(tx, job.event)
