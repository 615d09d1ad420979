"""GET /api/analytics/incidents/{incident_id}/cost"""

from functions.http import Call, endpoint
from shared.analytics.cost import cost
from shared.analytics.schemas import CostOut
from shared.incidents.errors import IncidentNotFound
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "GET",
    "analytics/incidents/{incident_id}/cost",
    needs=Permission.INCIDENT_READ,
    returns=CostOut,
    raises=(IncidentNotFound,),
)
async def show_incident_cost(call: Call[None, None], incident_id: IncidentId) -> CostOut:
    """Say what an incident has cost so far: people's time, and dollars for the language model."""
    async with call.transaction() as tx:
        return await cost(tx, call.project_id, incident_id)
