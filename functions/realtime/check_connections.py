"""Every five minutes: live connections whose credential ran out, or that nothing was heard of for long."""

from functions.timers import schedule
from shared.access.expiring import disconnect_expired
from shared.platform.runtime import Runtime


@schedule("40 */5 * * * *")
async def check_connections(runtime: Runtime) -> None:
    """Close the former, and ask Web PubSub about the others: the event of an end may have been lost."""
    await disconnect_expired(runtime)
    await runtime.connections.check()
