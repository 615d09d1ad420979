"""GET /api/alerts"""

from functions.http import Call, endpoint
from shared.incidents import store
from shared.incidents.schemas import AlertOut, AlertQuery
from shared.kernel.values import Permission
from shared.platform.paging import BadCursor, cursor_of, last_id, page_of
from shared.platform.wire import Page


@endpoint(
    "GET",
    "alerts",
    needs=Permission.INCIDENT_READ,
    query=AlertQuery,
    returns=Page[AlertOut],
    raises=(BadCursor,),
    cached=True,
)
async def list_alerts(call: Call[None, AlertQuery]) -> Page[AlertOut]:
    """List the project's alerts, newest first, also those that are held and belong to no incident."""
    asked = call.query
    before = last_id(asked.cursor)
    async with call.transaction() as tx:
        rows = await store.newest_alerts(tx, call.project_id, **asked.filters(), before=before, limit=asked.limit + 1)
    return page_of(rows, asked.limit, AlertOut.of, lambda row: cursor_of(row.id))
