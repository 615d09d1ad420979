"""GET /api/incidents/{incident_id}/links"""

from functions.http import Call, endpoint
from shared.incidents import links
from shared.incidents.errors import IncidentNotFound
from shared.incidents.link_schemas import LinkOut
from shared.kernel.values import IncidentId, Permission
from shared.platform.wire import Page


@endpoint(
    "GET",
    "incidents/{incident_id}/links",
    needs=Permission.INCIDENT_READ,
    returns=Page[LinkOut],
    raises=(IncidentNotFound,),
    cached=True,
)
async def list_links(call: Call[None, None], incident_id: IncidentId) -> Page[LinkOut]:
    """List an incident's links, from it and to it."""
    async with call.transaction() as tx:
        rows = await links.list_links(tx, call.project_id, incident_id)
    return Page(items=[LinkOut.of(row) for row in rows])
