"""GET /api/alerts"""

from functions.http import Call, endpoint
from shared.incidents import store
from shared.incidents.schemas import AlertOut, AlertQuery
from shared.kernel.values import Permission
from shared.platform.paging import BadCursor, cursor_of, last_id
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
    before = last_id(asked.cursor) if asked.cursor else None
    async with call.transaction() as tx:
        rows = await store.newest_alerts(tx, call.project_id, **asked.filters(), before=before, limit=asked.limit + 1)
    page = rows[: asked.limit]
    more = cursor_of(page[-1].id) if len(rows) > asked.limit else None
    return Page(items=[AlertOut.of(row) for row in page], next_cursor=more)
