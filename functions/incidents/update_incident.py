"""PATCH /api/incidents/{incident_id}"""

from functions.http import Call, endpoint
from shared.incidents import editing, store
from shared.incidents.errors import AssigneeUnknown, IncidentNotFound, PutAway
from shared.incidents.schemas import IncidentOut, IncidentPatch
from shared.kernel.errors import StaleVersion
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "PATCH",
    "incidents/{incident_id}",
    needs=Permission.INCIDENT_WRITE,
    body=IncidentPatch,
    returns=IncidentOut,
    raises=(IncidentNotFound, StaleVersion, PutAway, AssigneeUnknown),
)
async def update_incident(call: Call[IncidentPatch, None], incident_id: IncidentId) -> IncidentOut:
    """Edit an incident, or assign it. Alerts that come later leave alone what people have set."""
    async with call.transaction() as tx:
        await editing.edit(tx, call.project_id, incident_id, call.body, expected=call.if_match)
        found = await store.get(tx, call.project_id, incident_id)
    return IncidentOut.of(found, call.actor)
