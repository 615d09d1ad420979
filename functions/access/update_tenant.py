"""PATCH /api/tenant"""

from functions.http import Call, endpoint
from shared.access import projects
from shared.access.schemas import NameIn, TenantOut
from shared.kernel.errors import StaleVersion
from shared.kernel.values import Permission


@endpoint("PATCH", "tenant", needs=Permission.TENANT_WRITE, body=NameIn, returns=TenantOut, raises=(StaleVersion,))
async def update_tenant(call: Call[NameIn, None]) -> TenantOut:
    """Rename the tenant."""
    async with call.transaction() as tx:
        row = await projects.rename_tenant(tx, call.project_id, call.body.name, expected=call.if_match)
    return TenantOut.of(row)
