"""PATCH /api/tenant"""

from functions.http import Call, endpoint
from shared.access import projects
from shared.access.schemas import TenantOut, TenantPatch
from shared.access.tenant_rules import forget_rules
from shared.kernel.errors import StaleVersion
from shared.kernel.values import Permission


@endpoint("PATCH", "tenant", needs=Permission.TENANT_WRITE, body=TenantPatch, returns=TenantOut, raises=(StaleVersion,))
async def update_tenant(call: Call[TenantPatch, None]) -> TenantOut:
    """Rename the tenant, or say whether it takes sealed requests only, how many calls, and how long what is kept."""
    async with call.transaction() as tx:
        row = await projects.update_tenant(tx, call.project_id, call.body, expected=call.if_match)
    await forget_rules(call.runtime, tx.tenant_id)
    return TenantOut.of(row)
