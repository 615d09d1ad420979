"""POST /api/incidents/{incident_id}/hypotheses"""

from http import HTTPStatus

from functions.http import Answer, Call, endpoint
from shared.hypotheses import commands, requesting
from shared.hypotheses.errors import AlreadyGenerating
from shared.hypotheses.schemas import GenerateIn, HypothesesOut
from shared.incidents import store
from shared.incidents.errors import IncidentNotFound
from shared.kernel.values import IncidentId, Permission
from shared.platform.locks import LocksAway


@endpoint(
    "POST",
    "incidents/{incident_id}/hypotheses",
    needs=Permission.HYPOTHESIS_WRITE,
    body=GenerateIn,
    returns=HypothesesOut,
    status=HTTPStatus.ACCEPTED,
    raises=(IncidentNotFound, AlreadyGenerating, LocksAway),
)
async def generate_hypotheses(call: Call[GenerateIn, None], incident_id: IncidentId) -> Answer:
    """Have hypotheses generated: 202, and those there are so far. Without `refresh`, those that exist are 200."""
    async with call.transaction() as tx:
        await store.get(tx, call.project_id, incident_id)
        found = HypothesesOut.of_run(incident_id, *await commands.latest(tx, incident_id))
    if found.run and not call.body.refresh:
        return Answer(body=found, status=HTTPStatus.OK)
    async with requesting.claiming(call.runtime, incident_id) as owner, call.transaction() as tx:
        requesting.request(tx, call.project_id, incident_id, owner=owner, refresh=call.body.refresh)
    return Answer(body=found, status=HTTPStatus.ACCEPTED)
