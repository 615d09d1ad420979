"""DELETE /api/integrations/{integration_id}"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.integrations import commands
from shared.integrations.errors import IntegrationNotFound
from shared.kernel.values import IntegrationId, Permission


@endpoint(
    "DELETE",
    "integrations/{integration_id}",
    needs=Permission.INTEGRATION_WRITE,
    status=HTTPStatus.NO_CONTENT,
    raises=(IntegrationNotFound,),
)
async def revoke_integration(call: Call[None, None], integration_id: IntegrationId) -> None:
    """End an integration; its token is refused from now on."""
    async with call.transaction() as tx:
        row = await commands.revoke_integration(tx, call.project_id, integration_id)
    await commands.publish_version(call.runtime, row)
