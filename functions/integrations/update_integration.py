"""PATCH /api/integrations/{integration_id}"""

from functions.http import Call, endpoint
from shared.integrations import commands
from shared.integrations.errors import CredentialsNeeded, IntegrationEnded, IntegrationNotFound
from shared.integrations.schemas import IntegrationOut, IntegrationPatch
from shared.kernel.errors import StaleVersion
from shared.kernel.values import IntegrationId, Permission


@endpoint(
    "PATCH",
    "integrations/{integration_id}",
    needs=Permission.INTEGRATION_WRITE,
    body=IntegrationPatch,
    returns=IntegrationOut,
    raises=(IntegrationNotFound, IntegrationEnded, StaleVersion, CredentialsNeeded),
)
async def update_integration(call: Call[IntegrationPatch, None], integration_id: IntegrationId) -> IntegrationOut:
    """Change an integration's name, base URL or credentials; what is absent stays as it is."""
    async with call.transaction() as tx:
        row = await commands.update_integration(
            tx, call.runtime.vault, call.project_id, integration_id, call.body, expected=call.if_match
        )
    return IntegrationOut.of(row)
