"""Every hour: days of the audit that are over."""

from functions.timers import schedule
from shared.audit.rounds import seal_due
from shared.platform.runtime import Runtime


@schedule("0 40 * * * *")
async def seal_audit(runtime: Runtime) -> None:
    """Seal each day of each tenant once nothing can join it any more, and sound an alarm where the last was altered."""
    await seal_due(runtime)
