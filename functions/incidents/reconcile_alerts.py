"""Every minute: does AlertManager still know what we take for firing?"""

from functions.timers import schedule
from shared.incidents.reconcile import reconcile_all
from shared.platform.runtime import Runtime


@schedule("30 * * * * *")
async def reconcile_alerts(runtime: Runtime) -> None:
    """Close what was silenced or forgotten, and open again what was neither."""
    await reconcile_all(runtime)
