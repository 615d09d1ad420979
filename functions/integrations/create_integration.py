"""POST /api/integrations"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.integrations import commands
from shared.integrations.schemas import IntegrationIn, IntegrationTokenOut
from shared.kernel.values import Permission


@endpoint(
    "POST",
    "integrations",
    needs=Permission.INTEGRATION_WRITE,
    body=IntegrationIn,
    returns=IntegrationTokenOut,
    status=HTTPStatus.CREATED,
)
async def create_integration(call: Call[IntegrationIn, None]) -> IntegrationTokenOut:
    """Make an integration; its token is shown this once."""
    async with call.transaction() as tx:
        row = await commands.create_integration(tx, call.runtime.vault, call.project_id, call.body)
    await commands.publish_version(call.runtime, row)
    return IntegrationTokenOut.with_token(row, commands.ingest_token(call.runtime, row))
