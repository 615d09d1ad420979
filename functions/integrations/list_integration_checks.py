"""GET /api/integrations/{integration_id}/checks"""

from functions.http import Call, endpoint
from shared.integrations import checks, commands
from shared.integrations.errors import IntegrationNotFound
from shared.integrations.schemas import CheckOut, ChecksQuery
from shared.kernel.values import IntegrationId, Permission
from shared.platform.paging import BadCursor, cursor_of, last_id
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
    before = last_id(call.query.cursor) if call.query.cursor else None
    async with call.transaction() as tx:
        await commands.get_integration(tx, call.project_id, integration_id)
        rows = await checks.history(tx, integration_id, limit=limit + 1, before=before)
    more = cursor_of(rows[limit - 1].id) if len(rows) > limit else None
    return Page(items=[CheckOut.of(row) for row in rows[:limit]], next_cursor=more)
