"""GET /api/incidents/{incident_id}/related"""

from functions.http import Call, endpoint
from shared.incidents import store
from shared.incidents.errors import IncidentNotFound
from shared.incidents.related_schemas import RelatedOut
from shared.incidents.relating import related
from shared.kernel.values import IncidentId, Permission
from shared.platform.wire import Page


@endpoint(
    "GET",
    "incidents/{incident_id}/related",
    needs=Permission.INCIDENT_READ,
    returns=Page[RelatedOut],
    raises=(IncidentNotFound,),
    cached=True,
)
async def list_related(call: Call[None, None], incident_id: IncidentId) -> Page[RelatedOut]:
    """List the incidents that have to do with this one, and why, the newest link first."""
    async with call.transaction() as tx:
        await store.check_exists(tx, call.project_id, incident_id)
        found = await related(tx, incident_id)
    return Page(items=[RelatedOut.of(incident_id, *one) for one in found])
