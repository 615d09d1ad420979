"""GET /api/saved-views"""

from functions.http import Call, endpoint
from shared.incidents import saved_views
from shared.incidents.filters import SavedViewOut
from shared.kernel.values import Permission
from shared.platform.wire import Page


@endpoint("GET", "saved-views", needs=Permission.INCIDENT_READ, returns=Page[SavedViewOut])
async def list_saved_views(call: Call[None, None]) -> Page[SavedViewOut]:
    """List the caller's own views and those that are shared, by name."""
    async with call.transaction() as tx:
        rows = await saved_views.list_views(tx, call.project_id)
    return Page(items=[SavedViewOut.of(row, call.actor) for row in rows])
