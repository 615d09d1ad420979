"""GET /api/integrations/{integration_id}"""

from functions.http import Call, endpoint
from shared.integrations import checks, commands
from shared.integrations.errors import IntegrationNotFound
from shared.integrations.schemas import IntegrationDetailOut
from shared.kernel.values import IntegrationId, Permission


@endpoint(
    "GET",
    "integrations/{integration_id}",
    needs=Permission.INTEGRATION_READ,
    returns=IntegrationDetailOut,
    raises=(IntegrationNotFound,),
)
async def get_integration(call: Call[None, None], integration_id: IntegrationId) -> IntegrationDetailOut:
    """Show an integration and its last check."""
    async with call.transaction() as tx:
        row = await commands.get_integration(tx, call.project_id, integration_id)
        newest = await checks.history(tx, integration_id, limit=1)
    return IntegrationDetailOut.with_check(row, newest[0] if newest else None)
