"""DELETE /api/incidents/{incident_id}"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.incidents import editing
from shared.incidents.errors import IncidentNotFound, IncidentOpen
from shared.kernel.errors import StaleVersion
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "DELETE",
    "incidents/{incident_id}",
    needs=Permission.INCIDENT_WRITE,
    status=HTTPStatus.NO_CONTENT,
    raises=(IncidentNotFound, StaleVersion, IncidentOpen),
)
async def archive_incident(call: Call[None, None], incident_id: IncidentId) -> None:
    """Put a closed incident into the archive, out of the lists; nothing of it is lost."""
    async with call.transaction() as tx:
        await editing.archive(tx, call.project_id, incident_id, expected=call.if_match)
