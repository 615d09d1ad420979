"""GET /api/incidents/{incident_id}/alerts"""

from functions.http import Call, endpoint
from shared.incidents import store
from shared.incidents.errors import IncidentNotFound
from shared.incidents.schemas import AlertOut, PageQuery
from shared.kernel.values import IncidentId, Permission
from shared.platform.paging import BadCursor, cursor_of, last_id, page_of
from shared.platform.wire import Page


@endpoint(
    "GET",
    "incidents/{incident_id}/alerts",
    needs=Permission.INCIDENT_READ,
    query=PageQuery,
    returns=Page[AlertOut],
    raises=(IncidentNotFound, BadCursor),
    cached=True,
)
async def list_incident_alerts(call: Call[None, PageQuery], incident_id: IncidentId) -> Page[AlertOut]:
    """List an incident's alerts in the order they came, each with the reason it is here."""
    after = last_id(call.query.cursor)
    async with call.transaction() as tx:
        await store.check_exists(tx, call.project_id, incident_id)
        rows = await store.alerts_page(tx, incident_id, after=after, limit=call.query.limit + 1)
    return page_of(rows, call.query.limit, AlertOut.of, lambda row: cursor_of(row.id))
