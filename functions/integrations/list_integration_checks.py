"""GET /api/integrations/{integration_id}/checks"""

from functions.http import Call, endpoint
from shared.integrations import checks, commands
from shared.integrations.errors import IntegrationNotFound
from shared.integrations.schemas import CheckOut, ChecksQuery
from shared.kernel.values import IntegrationId, Permission
from shared.platform.paging import BadCursor, cursor_of, last_id, page_of
from shared.platform.wire import Page


@endpoint(
    "GET",
    "integrations/{integration_id}/checks",
    needs=Permission.INTEGRATION_READ,
    query=ChecksQuery,
    returns=Page[CheckOut],
    raises=(IntegrationNotFound, BadCursor),
)
async def list_integration_checks(call: Call[None, ChecksQuery], integration_id: IntegrationId) -> Page[CheckOut]:
    """List how an integration's checks went, newest first."""
    limit = call.query.limit
    before = last_id(call.query.cursor)
    async with call.transaction() as tx:
        await commands.get_integration(tx, call.project_id, integration_id)
        rows = await checks.history(tx, integration_id, limit=limit + 1, before=before)
    return page_of(rows, limit, CheckOut.of, lambda row: cursor_of(row.id))
