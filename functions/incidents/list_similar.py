"""GET /api/incidents/{incident_id}/similar"""

from functions.http import Call, endpoint
from shared.incidents.errors import IncidentNotFound
from shared.incidents.schemas import SimilarQuery
from shared.kernel.values import IncidentId, Permission
from shared.platform.wire import Page
from shared.views.similar_incidents import SimilarOut, similar_incidents


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
    """List the project's incidents that are most like this one, best first: what they share, and what they were."""
    async with call.transaction() as tx:
        found = await similar_incidents(tx, call.project_id, incident_id, limit=call.query.limit)
    return Page(items=found)
