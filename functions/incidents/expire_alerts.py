"""Every minute: alerts whose time is over, and that nobody repeated."""

from functions.timers import schedule
from shared.incidents.lapsing import expire_due
from shared.platform.runtime import Runtime


@schedule("15 * * * * *")
async def expire_alerts(runtime: Runtime) -> None:
    """Take for resolved what its sender would have repeated."""
    await expire_due(runtime)
