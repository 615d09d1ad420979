"""GET /api/tenant"""

from functions.http import Call, endpoint
from shared.access import projects
from shared.access.schemas import TenantOut
from shared.kernel.values import Permission


@endpoint("GET", "tenant", needs=Permission.TENANT_READ, returns=TenantOut)
async def get_tenant(call: Call[None, None]) -> TenantOut:
    """Return the caller's tenant."""
    async with call.transaction() as tx:
        return TenantOut.of(await projects.get_tenant(tx))
