"""POST /api/integrations/{integration_id}/test"""

from functions.http import Call, endpoint
from shared.integrations import checks, commands
from shared.integrations.errors import IntegrationEnded, IntegrationNotFound, NoBaseUrl
from shared.integrations.schemas import CheckOut
from shared.kernel.values import IntegrationId, Permission


@endpoint(
    "POST",
    "integrations/{integration_id}/test",
    needs=Permission.INTEGRATION_WRITE,
    returns=CheckOut,
    raises=(IntegrationNotFound, IntegrationEnded, NoBaseUrl),
)
async def test_integration(call: Call[None, None], integration_id: IntegrationId) -> CheckOut:
    """Call the integration's health endpoint now, and say how that went."""
    async with call.transaction() as tx:
        row = await commands.get_integration(tx, call.project_id, integration_id)
    outcome = await checks.check(call.runtime, row)
    async with call.transaction() as tx:
        found = checks.record(tx, row.id, outcome)
    return CheckOut.of(found)
