"""POST /api/incidents/{incident_id}/postmortem/publish"""

from functions.http import Call, endpoint
from shared.incidents import postmortems
from shared.incidents.errors import IllegalTransition, IncidentNotFound, PostmortemNotWritten, PutAway
from shared.incidents.postmortem_schemas import PostmortemOut
from shared.kernel.errors import StaleVersion
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "POST",
    "incidents/{incident_id}/postmortem/publish",
    needs=Permission.INCIDENT_TRANSITION,
    returns=PostmortemOut,
    raises=(IncidentNotFound, PutAway, PostmortemNotWritten, IllegalTransition, StaleVersion),
)
async def publish_postmortem(call: Call[None, None], incident_id: IncidentId) -> PostmortemOut:
    """Publish the postmortem as it was saved last; the first time, the incident goes from resolved to learned."""
    async with call.transaction() as tx:
        row = await postmortems.publish(tx, call.project_id, incident_id, expected=call.if_match)
    return PostmortemOut.of(row)
