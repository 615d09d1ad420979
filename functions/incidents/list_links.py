"""GET /api/incidents/{incident_id}/links"""

from functions.http import Call, endpoint
from shared.incidents import links
from shared.incidents.errors import IncidentNotFound
from shared.incidents.link_schemas import LinkOut
from shared.incidents.schemas import PageQuery
from shared.kernel.values import IncidentId, Permission
from shared.platform.paging import BadCursor, cursor_of, last_id, page_of
from shared.platform.wire import Page


@endpoint(
    "GET",
    "incidents/{incident_id}/links",
    needs=Permission.INCIDENT_READ,
    query=PageQuery,
    returns=Page[LinkOut],
    raises=(IncidentNotFound, BadCursor),
    cached=True,
)
async def list_links(call: Call[None, PageQuery], incident_id: IncidentId) -> Page[LinkOut]:
    """List an incident's links, from it and to it, oldest first."""
    asked, after = call.query, last_id(call.query.cursor)
    async with call.transaction() as tx:
        rows = await links.list_links(tx, call.project_id, incident_id, after=after, limit=asked.limit + 1)
    return page_of(rows, asked.limit, LinkOut.of, lambda row: cursor_of(row.id))
