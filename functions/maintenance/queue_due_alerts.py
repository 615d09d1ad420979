"""Every minute: held alerts whose hold is over."""

from functions.timers import schedule
from shared.incidents.release import queue_due_holds
from shared.platform.runtime import Runtime


@schedule("30 * * * * *")
async def queue_due_alerts(runtime: Runtime) -> None:
    """Record where alerts are due; the relay queues it."""
    await queue_due_holds(runtime)
