"""GET /api/incidents/{incident_id}/similar"""

from functions.http import Call, endpoint
from shared.incidents.errors import IncidentNotFound
from shared.incidents.schemas import SimilarOut, SimilarQuery
from shared.incidents.similar import similar
from shared.kernel.values import IncidentId, Permission
from shared.platform.wire import Page


@endpoint(
    "GET",
    "incidents/{incident_id}/similar",
    needs=Permission.INCIDENT_READ,
    query=SimilarQuery,
    returns=Page[SimilarOut],
    raises=(IncidentNotFound,),
    cached=True,
)
async def list_similar(call: Call[None, SimilarQuery], incident_id: IncidentId) -> Page[SimilarOut]:
    """List the project's incidents that are most like this one, best first, with what they have in common."""
    async with call.transaction() as tx:
        found = await similar(tx, call.project_id, incident_id, limit=call.query.limit)
    return Page(items=[SimilarOut.of(one) for one in found])
