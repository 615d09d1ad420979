"""Every hour: idempotency keys whose time is over."""

from functions.timers import schedule
from shared.platform.idempotency import forget
from shared.platform.runtime import Runtime


@schedule("0 7 * * * *")
async def forget_idempotency_keys(runtime: Runtime) -> None:
    """Let go of keys after a day."""
    await forget(runtime)
