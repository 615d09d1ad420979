"""Every hour: rows that nobody asks for any more."""

from functions.timers import schedule
from shared.access import password_reset, sessions
from shared.integrations import checks
from shared.notifications import commands as notifications
from shared.platform import dead_letters, idempotency, inbox
from shared.platform.runtime import Runtime


@schedule("0 7 * * * *")
async def forget_what_is_over(runtime: Runtime) -> None:
    """Let go of what nobody reads again: each kind of row after a time of its own."""
    await idempotency.forget(runtime)
    await password_reset.forget_links(runtime)
    await sessions.forget_ended(runtime)
    await inbox.forget(runtime)
    await checks.forget_old(runtime)
    await notifications.forget_deliveries(runtime)
    await dead_letters.forget(runtime)
