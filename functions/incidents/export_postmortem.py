"""GET /api/incidents/{incident_id}/postmortem/export"""

from functions.http import Call, File, endpoint
from shared.incidents import postmortems
from shared.incidents.errors import IncidentNotFound
from shared.kernel.values import IncidentId, Permission
from shared.views.postmortems import draft_of


@endpoint(
    "GET",
    "incidents/{incident_id}/postmortem/export",
    needs=Permission.INCIDENT_READ,
    returns=File,
    raises=(IncidentNotFound,),
)
async def export_postmortem(call: Call[None, None], incident_id: IncidentId) -> File:
    """Give the postmortem as it stands as a file to save, in Markdown."""
    async with call.transaction() as tx:
        row = await postmortems.find(tx, call.project_id, incident_id)
        text = postmortems.exported(row) if row else await draft_of(tx, call.project_id, incident_id)
    return File(text.encode(), "text/markdown", name="postmortem.md")
