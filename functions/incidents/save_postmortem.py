"""PUT /api/incidents/{incident_id}/postmortem"""

from functions.http import Call, endpoint
from shared.incidents import postmortems
from shared.incidents.errors import IncidentNotFound, PutAway
from shared.incidents.postmortem_schemas import PostmortemIn, PostmortemOut
from shared.kernel.errors import StaleVersion
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "PUT",
    "incidents/{incident_id}/postmortem",
    needs=Permission.INCIDENT_WRITE,
    body=PostmortemIn,
    returns=PostmortemOut,
    raises=(IncidentNotFound, PutAway, StaleVersion),
)
async def save_postmortem(call: Call[PostmortemIn, None], incident_id: IncidentId) -> PostmortemOut:
    """Save an incident's postmortem as a whole; what was published stays published as it was."""
    items = [item.model_dump(mode="json") for item in call.body.action_items]
    async with call.transaction() as tx:
        row = await postmortems.save(
            tx, call.project_id, incident_id, body=call.body.body, action_items=items, expected=call.if_match
        )
    return PostmortemOut.of(row)
