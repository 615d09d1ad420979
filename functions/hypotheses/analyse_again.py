"""Every half minute: open incidents that something has joined since they were analysed."""

from functions.timers import schedule
from shared.hypotheses.news import ask_again
from shared.platform.runtime import Runtime


@schedule("*/30 * * * * *")
async def analyse_again(runtime: Runtime) -> None:
    """Record what has news; the relay queues it."""
    await ask_again(runtime)
