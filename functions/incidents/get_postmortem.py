"""GET /api/incidents/{incident_id}/postmortem"""

from functions.http import Call, endpoint
from shared.incidents import postmortems
from shared.incidents.errors import IncidentNotFound
from shared.incidents.postmortem_schemas import PostmortemOut
from shared.kernel.values import IncidentId, Permission
from shared.views.postmortems import draft_of


@endpoint(
    "GET",
    "incidents/{incident_id}/postmortem",
    needs=Permission.INCIDENT_READ,
    returns=PostmortemOut,
    raises=(IncidentNotFound,),
)
async def get_postmortem(call: Call[None, None], incident_id: IncidentId) -> PostmortemOut:
    """Show an incident's postmortem; while nobody has saved one, a draft made from what is known."""
    async with call.transaction() as tx:
        row = await postmortems.find(tx, call.project_id, incident_id)
        if row is None:
            return PostmortemOut.suggestion(incident_id, await draft_of(tx, call.project_id, incident_id))
    return PostmortemOut.of(row)
