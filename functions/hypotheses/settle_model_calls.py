"""Every five minutes: calls of the language model that nobody settled."""

from functions.timers import schedule
from shared.hypotheses import budget
from shared.platform.runtime import Runtime


@schedule("30 */5 * * * *")
async def settle_model_calls(runtime: Runtime) -> None:
    """Count what was held back for calls whose process died."""
    await budget.settle_lost(runtime)
