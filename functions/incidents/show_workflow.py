"""GET /api/incidents/{incident_id}/workflow"""

from functions.http import Call, endpoint
from shared.incidents import store
from shared.incidents.errors import IncidentNotFound
from shared.incidents.schemas import StepOut
from shared.kernel.values import IncidentId, Permission
from shared.platform.wire import Page


@endpoint(
    "GET",
    "incidents/{incident_id}/workflow",
    needs=Permission.INCIDENT_READ,
    returns=Page[StepOut],
    raises=(IncidentNotFound,),
)
async def show_workflow(call: Call[None, None], incident_id: IncidentId) -> Page[StepOut]:
    """Show the steps of an incident's analysis runs."""
    async with call.transaction() as tx:
        await store.get(tx, call.project_id, incident_id)
        rows = await store.steps_of(tx, incident_id)
    return Page(items=[StepOut.of(row) for row in rows])
