"""GET /api/service-map"""

from functions.http import Call, endpoint
from shared.kernel.values import Permission
from shared.views.service_map import ServiceMapOut, service_map


@endpoint("GET", "service-map", needs=Permission.SERVICE_READ, returns=ServiceMapOut, cached=True)
async def show_service_map(call: Call[None, None]) -> ServiceMapOut:
    """Show the project's services, who calls whom, and how many incidents are open on each."""
    async with call.transaction() as tx:
        return await service_map(tx, call.project_id)
