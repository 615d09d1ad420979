"""POST /api/incidents/{incident_id}/restore"""

from functions.http import Call, endpoint
from shared.incidents import editing, store
from shared.incidents.errors import IncidentNotFound
from shared.incidents.schemas import IncidentOut
from shared.kernel.errors import StaleVersion
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "POST",
    "incidents/{incident_id}/restore",
    needs=Permission.INCIDENT_WRITE,
    returns=IncidentOut,
    raises=(IncidentNotFound, StaleVersion),
)
async def restore_incident(call: Call[None, None], incident_id: IncidentId) -> IncidentOut:
    """Take an incident out of the archive again."""
    async with call.transaction() as tx:
        await editing.restore(tx, call.project_id, incident_id, expected=call.if_match)
        found = await store.get(tx, call.project_id, incident_id)
    return IncidentOut.of(found, call.actor)
