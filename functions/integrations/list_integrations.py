"""GET /api/integrations"""

from functions.http import Call, endpoint
from shared.integrations import commands
from shared.integrations.schemas import IntegrationOut
from shared.kernel.values import Permission
from shared.platform.wire import Page


@endpoint("GET", "integrations", needs=Permission.INTEGRATION_READ, returns=Page[IntegrationOut])
async def list_integrations(call: Call[None, None]) -> Page[IntegrationOut]:
    """List the project's integrations, newest first."""
    async with call.transaction() as tx:
        rows = await commands.list_integrations(tx, call.project_id)
    return Page(items=[IntegrationOut.of(row) for row in rows])
