"""GET /api/incidents/{incident_id}/workflow"""

from functions.http import Call, endpoint
from shared.incidents.errors import IncidentNotFound
from shared.kernel.values import IncidentId, Permission
from shared.views.workflow import WorkflowOut, workflow


@endpoint(
    "GET",
    "incidents/{incident_id}/workflow",
    needs=Permission.INCIDENT_READ,
    returns=WorkflowOut,
    raises=(IncidentNotFound,),
)
async def show_workflow(call: Call[None, None], incident_id: IncidentId) -> WorkflowOut:
    """Show the steps of the runs that explain an incident, and of which incident they are."""
    async with call.transaction() as tx:
        return await workflow(tx, call.project_id, incident_id)
