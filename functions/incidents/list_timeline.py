"""GET /api/incidents/{incident_id}/timeline"""

from functions.http import Call, endpoint
from shared.incidents import store, timeline
from shared.incidents.errors import IncidentNotFound
from shared.incidents.schemas import EventOut, PageQuery
from shared.kernel.values import IncidentId, Permission
from shared.platform.paging import BadCursor
from shared.platform.wire import Page


@endpoint(
    "GET",
    "incidents/{incident_id}/timeline",
    needs=Permission.INCIDENT_READ,
    query=PageQuery,
    returns=Page[EventOut],
    raises=(IncidentNotFound, BadCursor),
    cached=True,
)
async def list_timeline(call: Call[None, PageQuery], incident_id: IncidentId) -> Page[EventOut]:
    """List what happened to an incident, oldest first; what happens while pages are turned comes last."""
    async with call.transaction() as tx:
        await store.check_exists(tx, call.project_id, incident_id)
        found = await timeline.page(tx, incident_id, cursor=call.query.cursor, limit=call.query.limit)
    return Page(items=[EventOut.of(row) for row in found.events], next_cursor=found.next_cursor)
