"""POST /api/incidents/{incident_id}/evidence"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.hypotheses import observations
from shared.hypotheses.errors import EvidenceFull
from shared.hypotheses.schemas import AddedOut, EvidenceIn
from shared.incidents.errors import IncidentNotFound, PutAway
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "POST",
    "incidents/{incident_id}/evidence",
    needs=Permission.HYPOTHESIS_WRITE,
    body=EvidenceIn,
    returns=AddedOut,
    status=HTTPStatus.CREATED,
    raises=(IncidentNotFound, PutAway, EvidenceFull),
)
async def add_evidence(call: Call[EvidenceIn, None], incident_id: IncidentId) -> AddedOut:
    """Tell of logs, events, states, traces or measurements. The next analysis reads them; the same twice is one."""
    async with call.transaction() as tx:
        added = await observations.add(tx, call.project_id, incident_id, call.body)
    return AddedOut(added=added, known=len(call.body.items) - added)
