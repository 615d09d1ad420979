"""GET /api/api-keys"""

from functions.http import Call, endpoint
from shared.access import commands
from shared.access.schemas import ApiKeyOut
from shared.kernel.values import Permission
from shared.platform.wire import Page


@endpoint("GET", "api-keys", needs=Permission.API_KEY_READ, returns=Page[ApiKeyOut])
async def list_api_keys(call: Call[None, None]) -> Page[ApiKeyOut]:
    """List the project's API keys, newest first."""
    async with call.transaction() as tx:
        rows = await commands.list_api_keys(tx, call.project_id)
    return Page(items=[ApiKeyOut.of(row) for row in rows])
