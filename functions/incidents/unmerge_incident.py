"""POST /api/incidents/{incident_id}/unmerge"""

from functions.http import Call, endpoint
from shared.incidents import merging, store
from shared.incidents.errors import AnotherIncidentOpen, IncidentNotFound, NotMerged, PutAway
from shared.incidents.schemas import IncidentOut
from shared.kernel.errors import StaleVersion
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "POST",
    "incidents/{incident_id}/unmerge",
    needs=Permission.INCIDENT_WRITE,
    returns=IncidentOut,
    raises=(IncidentNotFound, StaleVersion, PutAway, NotMerged, AnotherIncidentOpen),
)
async def unmerge_incident(call: Call[None, None], incident_id: IncidentId) -> IncidentOut:
    """Take this incident out of the one that it is merged into, with its alerts."""
    async with call.transaction() as tx:
        await merging.unmerge_incident(tx, call.project_id, incident_id, expected=call.if_match)
        found = await store.get(tx, call.project_id, incident_id)
    return IncidentOut.of(found, call.actor)
