"""POST /api/api-keys"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.access import commands
from shared.access.errors import PeopleOnly, RoleTooHigh
from shared.access.schemas import ApiKeyCreatedOut, ApiKeyIn
from shared.kernel.values import Permission


@endpoint(
    "POST",
    "api-keys",
    needs=Permission.API_KEY_WRITE,
    body=ApiKeyIn,
    returns=ApiKeyCreatedOut,
    status=HTTPStatus.CREATED,
    raises=(PeopleOnly, RoleTooHigh),
)
async def create_api_key(call: Call[ApiKeyIn, None]) -> ApiKeyCreatedOut:
    """Make an API key for the project, as a person; the key is shown this once."""
    async with call.transaction() as tx:
        row, key = await commands.create_api_key(tx, call.project_id, call.body)
    return ApiKeyCreatedOut.with_key(row, key)
