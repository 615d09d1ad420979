"""GET /api/incidents/{incident_id}/hypotheses"""

from functions.http import Call, endpoint
from shared.hypotheses import store as hypotheses
from shared.hypotheses.schemas import HypothesesOut
from shared.incidents import store
from shared.incidents.errors import IncidentNotFound
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "GET",
    "incidents/{incident_id}/hypotheses",
    needs=Permission.HYPOTHESIS_READ,
    returns=HypothesesOut,
    raises=(IncidentNotFound,),
    cached=True,
)
async def list_hypotheses(call: Call[None, None], incident_id: IncidentId) -> HypothesesOut:
    """List the last analysis run's hypotheses, best first, with evidence and score."""
    async with call.transaction() as tx:
        await store.check_exists(tx, call.project_id, incident_id)
        run = await hypotheses.shown(tx, incident_id)
    return HypothesesOut.of(incident_id, run)
