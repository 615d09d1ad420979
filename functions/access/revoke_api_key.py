"""DELETE /api/api-keys/{key_id}"""

from http import HTTPStatus
from uuid import UUID

from functions.http import Call, endpoint
from shared.access import commands, sessions
from shared.access.errors import ApiKeyNotFound
from shared.kernel.values import Permission


@endpoint(
    "DELETE",
    "api-keys/{key_id}",
    needs=Permission.API_KEY_WRITE,
    status=HTTPStatus.NO_CONTENT,
    raises=(ApiKeyNotFound,),
)
async def revoke_api_key(call: Call[None, None], key_id: UUID) -> None:
    """End an API key."""
    async with call.transaction() as tx:
        await commands.revoke_api_key(tx, call.project_id, key_id)
    await sessions.disconnect(call.runtime, tx.tenant_id, key_id)
