"""DELETE /api/incidents/{incident_id}/links/{link_id}"""

from http import HTTPStatus
from uuid import UUID

from functions.http import Call, endpoint
from shared.incidents import links
from shared.incidents.errors import IncidentNotFound, LinkNotFound, PutAway
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "DELETE",
    "incidents/{incident_id}/links/{link_id}",
    needs=Permission.INCIDENT_WRITE,
    status=HTTPStatus.NO_CONTENT,
    raises=(IncidentNotFound, PutAway, LinkNotFound),
)
async def remove_link(call: Call[None, None], incident_id: IncidentId, link_id: UUID) -> None:
    """Take a link away, from either of its ends."""
    async with call.transaction() as tx:
        await links.remove_link(tx, call.project_id, incident_id, link_id)
