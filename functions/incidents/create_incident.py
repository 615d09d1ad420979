"""POST /api/incidents"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.incidents import editing, store
from shared.incidents.errors import AssigneeUnknown
from shared.incidents.schemas import IncidentIn, IncidentOut
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "POST",
    "incidents",
    needs=Permission.INCIDENT_WRITE,
    body=IncidentIn,
    returns=IncidentOut,
    status=HTTPStatus.CREATED,
    raises=(AssigneeUnknown,),
)
async def create_incident(call: Call[IncidentIn, None]) -> IncidentOut:
    """Open an incident that no alert has told of."""
    async with call.transaction() as tx:
        row = await editing.open_incident(tx, call.project_id, call.body)
        found = await store.get(tx, call.project_id, IncidentId(row.id))
    return IncidentOut.of(found, call.actor)
