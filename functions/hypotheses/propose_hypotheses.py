"""Queue `hypotheses`: an incident opened, so find out why."""

from functions.queues import Job, consumer
from shared.hypotheses import asking, commands, requesting, store
from shared.hypotheses.analysis import analyse
from shared.hypotheses.assembling import assemble_case
from shared.platform.queues import Queue


@consumer(Queue.HYPOTHESES)
async def propose_hypotheses(job: Job) -> None:
    """Assemble the case, explain it, publish. No transaction is open while it thinks.

    A message delivered twice may think twice, but publishes once.
    """
    incident_id = job.event.subject_id
    async with job.transaction() as tx:
        is_requested = requesting.is_request(job.event)
        is_wanted = is_requested or await commands.is_automatic(tx, job.event.project_id, incident_id)
        case = await assemble_case(tx, incident_id) if is_wanted else None
        said = await store.judgements_of(tx, incident_id)
    if case is None:
        async with job.transaction(once=True):
            return
    ask = asking.for_event(job.runtime, job.event)
    analysis = await analyse(case, job.runtime.clock, [store.judgement_of(row) for row in said], ask)
    async with job.transaction(once=True) as tx:
        await commands.publish(tx, incident_id, analysis)
    await requesting.finish(job.runtime, job.event)
