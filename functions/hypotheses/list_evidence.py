"""GET /api/incidents/{incident_id}/evidence"""

from functions.http import Call, endpoint
from shared.hypotheses import observations
from shared.hypotheses.schemas import ObservationOut
from shared.incidents import store
from shared.incidents.errors import IncidentNotFound
from shared.incidents.schemas import PageQuery
from shared.kernel.values import IncidentId, Permission
from shared.platform.paging import BadCursor, cursor_of, last_id, page_of
from shared.platform.wire import Page


@endpoint(
    "GET",
    "incidents/{incident_id}/evidence",
    needs=Permission.HYPOTHESIS_READ,
    query=PageQuery,
    returns=Page[ObservationOut],
    raises=(IncidentNotFound, BadCursor),
    cached=True,
)
async def list_evidence(call: Call[None, PageQuery], incident_id: IncidentId) -> Page[ObservationOut]:
    """List what people and programs have told of an incident beside its alerts, in the order it came."""
    after = last_id(call.query.cursor)
    async with call.transaction() as tx:
        await store.check_exists(tx, call.project_id, incident_id)
        rows = await observations.page(tx, incident_id, after=after, limit=call.query.limit + 1)
    return page_of(rows, call.query.limit, ObservationOut.of, lambda row: cursor_of(row.id))
