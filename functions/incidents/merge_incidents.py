"""POST /api/incidents/{incident_id}/merge"""

from functions.http import Call, endpoint
from shared.incidents import merging, store
from shared.incidents.errors import IncidentNotFound, MergeIntoItself, NotMergeable, PutAway
from shared.incidents.schemas import IncidentOut, MergeIn
from shared.kernel.errors import StaleVersion
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "POST",
    "incidents/{incident_id}/merge",
    needs=Permission.INCIDENT_WRITE,
    body=MergeIn,
    returns=IncidentOut,
    raises=(IncidentNotFound, StaleVersion, PutAway, NotMergeable, MergeIntoItself),
)
async def merge_incidents(call: Call[MergeIn, None], incident_id: IncidentId) -> IncidentOut:
    """Merge other incidents into this one: their alerts become its own."""
    async with call.transaction() as tx:
        await merging.merge_incidents(tx, call.project_id, incident_id, call.body.sources, expected=call.if_match)
        found = await store.get(tx, call.project_id, incident_id)
    return IncidentOut.of(found, call.actor)
