"""GET /api/changes"""

from functions.http import Call, endpoint
from shared.changes import store
from shared.changes.schemas import ChangeOut, ChangeQuery
from shared.kernel.values import Permission
from shared.platform.paging import BadCursor, cursor_at, page_of
from shared.platform.wire import Page


@endpoint(
    "GET",
    "changes",
    needs=Permission.CHANGE_READ,
    query=ChangeQuery,
    returns=Page[ChangeOut],
    raises=(BadCursor,),
    cached=True,
)
async def list_changes(call: Call[None, ChangeQuery]) -> Page[ChangeOut]:
    """List what was done to the project's components, the latest first."""
    async with call.transaction() as tx:
        rows = await store.newest(tx, call.project_id, call.query)
    return page_of(rows, call.query.limit, ChangeOut.of, lambda row: cursor_at(row.at, row.id))
