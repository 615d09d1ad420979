"""POST /api/integrations/{integration_id}/rotate"""

from datetime import timedelta

from functions.http import Call, endpoint
from shared.integrations import commands
from shared.integrations.errors import IntegrationEnded, IntegrationNotFound
from shared.integrations.schemas import IntegrationTokenOut, RotateIn
from shared.kernel.errors import StaleVersion
from shared.kernel.values import IntegrationId, Permission


@endpoint(
    "POST",
    "integrations/{integration_id}/rotate",
    needs=Permission.INTEGRATION_WRITE,
    body=RotateIn,
    returns=IntegrationTokenOut,
    raises=(IntegrationNotFound, IntegrationEnded, StaleVersion),
)
async def rotate_integration(call: Call[RotateIn, None], integration_id: IntegrationId) -> IntegrationTokenOut:
    """Give a new token, shown this once; the one before holds for `grace_seconds` more, by default not at all."""
    grace = timedelta(seconds=call.body.grace_seconds)
    async with call.transaction() as tx:
        row = await commands.rotate_token(tx, call.project_id, integration_id, grace=grace, expected=call.if_match)
    await commands.publish_version(call.runtime, row)
    return IntegrationTokenOut.with_token(row, commands.ingest_token(call.runtime, row))
