"""Every five minutes: live connections that nothing was heard of for long."""

from functions.timers import schedule
from shared.platform.runtime import Runtime


@schedule("40 */5 * * * *")
async def check_connections(runtime: Runtime) -> None:
    """Ask Web PubSub about them: the event of an end may have been lost."""
    await runtime.connections.check()
