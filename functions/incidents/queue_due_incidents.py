"""Every minute: incidents whose quiet period is over."""

from functions.timers import schedule
from shared.incidents.reactions import queue_due
from shared.platform.runtime import Runtime


@schedule("0 * * * * *")
async def queue_due_incidents(runtime: Runtime) -> None:
    """Record what is due; the relay queues it."""
    await queue_due(runtime)
