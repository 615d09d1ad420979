"""Every ten minutes: who calls whom, by the service graphs of Prometheus."""

from functions.timers import schedule
from shared.platform.runtime import Runtime
from shared.services.service_graph import learn_all


@schedule("30 */10 * * * *")
async def learn_topology(runtime: Runtime) -> None:
    """Ask every Prometheus that has a base URL for its service graph."""
    await learn_all(runtime)
