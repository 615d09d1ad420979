"""Queue `transitions`: the machine's own moves."""

from functions.queues import Job, consumer
from shared.incidents.reactions import look_around, react
from shared.platform.queues import Queue


@consumer(Queue.TRANSITIONS)
async def drive_incident(job: Job) -> None:
    """Learn what an event tells of services, relate a new incident, and make the moves that are called for."""
    async with job.transaction() as tx:
        await look_around(tx, job.event)
    async with job.transaction(once=True) as tx:
        await react(tx, job.event)
