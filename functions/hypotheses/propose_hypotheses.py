"""Queue `hypotheses`: an incident opened, or something joined it, so find out why."""

from functions.queues import Job, consumer
from shared.hypotheses import asking, commands, requesting, running
from shared.hypotheses.analysis import analyse
from shared.hypotheses.gathering import gather
from shared.incidents.reactions import look_around
from shared.platform.queues import Queue


@consumer(Queue.HYPOTHESES)
async def propose_hypotheses(job: Job) -> None:
    """Gather what is known, explain it, publish. No transaction is open while it thinks.

    A message delivered twice may think twice, but publishes once. Links come first: what is linked shares one analysis.
    """
    async with job.transaction() as tx:
        await look_around(tx, job.event)
    async with job.transaction() as tx:
        run = await running.begin(tx, job.event.subject_id, by_itself=not requesting.is_request(job.event))
    if run is not None:
        ask = asking.for_run(job.runtime, job.event, run)
        async with running.watched(job.transaction, run, job.runtime.clock) as phases:
            known = await gather(job.runtime, job.transaction, run, phases)
            analysis = await analyse(known, phases, ask)
            async with job.transaction(once=True) as tx:
                await commands.publish(tx, run, analysis)
    await requesting.finish(job.runtime, job.event)
