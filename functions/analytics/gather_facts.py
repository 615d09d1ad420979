"""Every minute: incidents that something has happened to."""

from functions.timers import schedule
from shared.analytics.facts import gather_all
from shared.platform.runtime import Runtime


@schedule("30 * * * * *")
async def gather_facts(runtime: Runtime) -> None:
    """Gather the facts of incidents that the analytics read."""
    await gather_all(runtime)
