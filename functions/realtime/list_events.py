"""GET /api/events"""

from functions.http import Call, endpoint
from shared.incidents import store
from shared.incidents.schemas import EventOut, EventsQuery
from shared.kernel.values import Permission
from shared.platform.paging import cursor_of, page_of
from shared.platform.wire import Page


@endpoint("GET", "events", needs=Permission.INCIDENT_READ, query=EventsQuery, returns=Page[EventOut])
async def list_events(call: Call[None, EventsQuery]) -> Page[EventOut]:
    """List the project's live events after a `seq`, so that a client that saw a gap misses nothing."""
    limit = call.query.limit
    async with call.transaction() as tx:
        rows = await store.live_events(tx, call.project_id, after=call.query.position, limit=limit + 1)
    return page_of(rows, limit, EventOut.of, lambda row: cursor_of(row.seq or 0))
