"""Every hour: what of the audit has been kept long enough."""

from functions.timers import schedule
from shared.audit.retention import expire_due
from shared.platform.runtime import Runtime


@schedule("0 50 * * * *")
async def expire_audit(runtime: Runtime) -> None:
    """Let go of entries after each tenant's time, but for those under a legal hold."""
    await expire_due(runtime)
