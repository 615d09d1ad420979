"""GET /api/incidents/{incident_id}/timeline"""

from functions.http import Call, endpoint
from shared.incidents import store
from shared.incidents.errors import IncidentNotFound
from shared.incidents.schemas import EventOut, PageQuery
from shared.kernel.values import IncidentId, Permission
from shared.platform.paging import BadCursor, cursor_of, last_number
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
    """List what happened to an incident, oldest first."""
    after = last_number(call.query.cursor) if call.query.cursor else 0
    async with call.transaction() as tx:
        await store.get(tx, call.project_id, incident_id)
        rows = await store.timeline(tx, incident_id, after=after, limit=call.query.limit + 1)
    page = rows[: call.query.limit]
    more = cursor_of(page[-1].position) if len(rows) > call.query.limit else None
    return Page(items=[EventOut.of(row) for row in page], next_cursor=more)
