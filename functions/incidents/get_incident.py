"""GET /api/incidents/{incident_id}"""

from functions.http import Call, endpoint
from shared.incidents import store
from shared.incidents.errors import IncidentNotFound
from shared.incidents.schemas import IncidentOut
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "GET", "incidents/{incident_id}", needs=Permission.INCIDENT_READ, returns=IncidentOut, raises=(IncidentNotFound,)
)
async def get_incident(call: Call[None, None], incident_id: IncidentId) -> IncidentOut:
    """Show one incident."""
    async with call.transaction() as tx:
        found = await store.get(tx, call.project_id, incident_id)
    return IncidentOut.of(found, call.actor)
