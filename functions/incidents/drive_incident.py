"""Queue `transitions`: the machine's own moves."""

from functions.queues import Job, consumer
from shared.incidents.reactions import drive
from shared.platform.queues import Queue


@consumer(Queue.TRANSITIONS)
async def drive_incident(job: Job) -> None:
    """Make an incident's next move, if what is stored calls for one."""
    if job.event.incident_id is not None:
        async with job.transaction(once=True) as tx:
            await drive(tx, job.event.incident_id)
