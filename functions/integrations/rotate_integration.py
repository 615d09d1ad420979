"""POST /api/integrations/{integration_id}/rotate"""

from functions.http import Call, endpoint
from shared.integrations import commands
from shared.integrations.errors import IntegrationNotFound
from shared.integrations.schemas import IntegrationTokenOut
from shared.kernel.values import IntegrationId, Permission


@endpoint(
    "POST",
    "integrations/{integration_id}/rotate",
    needs=Permission.INTEGRATION_WRITE,
    returns=IntegrationTokenOut,
    raises=(IntegrationNotFound,),
)
async def rotate_integration(call: Call[None, None], integration_id: IntegrationId) -> IntegrationTokenOut:
    """Give a new token, shown this once; the old one holds no more."""
    async with call.transaction() as tx:
        row = await commands.rotate_token(tx, call.project_id, integration_id)
    await commands.publish_version(call.runtime, row)
    return IntegrationTokenOut.with_token(row, commands.ingest_token(call.runtime, row))
