"""Every 30 seconds: notifications that failed, or whose try was lost with its process."""

from functions.timers import schedule
from shared.notifications.sending import send_due
from shared.platform.runtime import Runtime


@schedule("*/30 * * * * *")
async def retry_deliveries(runtime: Runtime) -> None:
    """Try what is due again."""
    await send_due(runtime)
