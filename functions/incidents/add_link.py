"""POST /api/incidents/{incident_id}/links"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.incidents import links
from shared.incidents.errors import AlreadyLinked, IncidentNotFound, LinkToItself, PutAway
from shared.incidents.link_schemas import LinkIn, LinkOut
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "POST",
    "incidents/{incident_id}/links",
    needs=Permission.INCIDENT_WRITE,
    body=LinkIn,
    returns=LinkOut,
    status=HTTPStatus.CREATED,
    raises=(IncidentNotFound, PutAway, LinkToItself, AlreadyLinked),
)
async def add_link(call: Call[LinkIn, None], incident_id: IncidentId) -> LinkOut:
    """Link an incident to another one."""
    async with call.transaction() as tx:
        row = await links.add_link(tx, call.project_id, incident_id, call.body)
    return LinkOut.of(row)
