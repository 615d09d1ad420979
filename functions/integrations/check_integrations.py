"""Every five minutes: are the integrations' own services there?"""

from functions.timers import schedule
from shared.integrations.checks import check_all
from shared.platform.runtime import Runtime


@schedule("0 */5 * * * *")
async def check_integrations(runtime: Runtime) -> None:
    """Ask every integration that has a base URL for its health."""
    await check_all(runtime)
