"""Every hour: rows that nobody asks for any more."""

from functions.timers import schedule
from shared.access import password_reset
from shared.platform import idempotency, inbox
from shared.platform.runtime import Runtime


@schedule("0 7 * * * *")
async def forget_what_is_over(runtime: Runtime) -> None:
    """Let go of idempotency keys after a day, of password links once they are no good, of the inbox after 30 days."""
    await idempotency.forget(runtime)
    await password_reset.forget_links(runtime)
    await inbox.forget(runtime)
