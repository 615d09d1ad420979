"""Every 15 seconds: events that a crash or an outage left behind."""

from functions.timers import schedule
from shared.platform.runtime import Runtime


@schedule("*/15 * * * * *")
async def relay_events(runtime: Runtime) -> None:
    """Carry what is due: never sent, or sent and not finished within 30 seconds."""
    await runtime.relay.sweep()
