"""Every hour: incidents that their tenants keep no longer."""

from functions.timers import schedule
from shared.hypotheses.purging import purge_due
from shared.platform.runtime import Runtime


@schedule("0 25 * * * *")
async def purge_incidents(runtime: Runtime) -> None:
    """Purge what is over for longer than each tenant's time, but for those under a legal hold."""
    await purge_due(runtime)
