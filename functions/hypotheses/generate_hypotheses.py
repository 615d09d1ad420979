"""POST /api/incidents/{incident_id}/hypotheses"""

from http import HTTPStatus

from functions.http import Answer, Call, endpoint
from shared.hypotheses import requesting
from shared.hypotheses.errors import AlreadyGenerating
from shared.hypotheses.schemas import GenerateIn, HypothesesOut
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
    or_status=HTTPStatus.OK,
    raises=(IncidentNotFound, AlreadyGenerating, LocksAway),
)
async def generate_hypotheses(call: Call[GenerateIn, None], incident_id: IncidentId) -> Answer:
    """Have hypotheses generated: 202, with those there are so far. Without `refresh`, those that exist are 200."""
    opened = call.transaction
    found, is_queued = await requesting.request(call.runtime, opened, call.project_id, incident_id, call.body)
    status = HTTPStatus.ACCEPTED if is_queued else HTTPStatus.OK
    return Answer(body=HypothesesOut.of(incident_id, found), status=status)
