"""GET /api/saved-views"""

from functions.http import Call, endpoint
from shared.incidents import saved_views
from shared.incidents.filters import SavedViewOut
from shared.incidents.schemas import PageQuery
from shared.kernel.values import Permission
from shared.platform.paging import BadCursor, cursor_named, last_named, page_of
from shared.platform.wire import Page


@endpoint(
    "GET",
    "saved-views",
    needs=Permission.INCIDENT_READ,
    query=PageQuery,
    returns=Page[SavedViewOut],
    raises=(BadCursor,),
)
async def list_saved_views(call: Call[None, PageQuery]) -> Page[SavedViewOut]:
    """List the caller's own views and those that are shared, by name."""
    asked, after = call.query, last_named(call.query.cursor)
    async with call.transaction() as tx:
        rows = await saved_views.list_views(tx, call.project_id, after=after, limit=asked.limit + 1)
    return page_of(
        rows, asked.limit, lambda row: SavedViewOut.of(row, call.actor), lambda row: cursor_named(row.name, row.id)
    )
