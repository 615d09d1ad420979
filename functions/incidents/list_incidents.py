"""GET /api/incidents"""

from functions.http import Call, endpoint
from shared.incidents import store
from shared.incidents.schemas import IncidentOut, IncidentQuery
from shared.kernel.values import Permission
from shared.platform.paging import BadCursor, cursor_of, last_id
from shared.platform.wire import Page


@endpoint(
    "GET",
    "incidents",
    needs=Permission.INCIDENT_READ,
    query=IncidentQuery,
    returns=Page[IncidentOut],
    raises=(BadCursor,),
    cached=True,
)
async def list_incidents(call: Call[None, IncidentQuery]) -> Page[IncidentOut]:
    """List the project's incidents, newest first."""
    asked = call.query
    before = last_id(asked.cursor) if asked.cursor else None
    async with call.transaction() as tx:
        found = await store.newest(
            tx, call.project_id, state=asked.state, severity=asked.severity, before=before, limit=asked.limit + 1
        )
    page = found[: asked.limit]
    more = cursor_of(page[-1].incident.id) if len(found) > asked.limit else None
    return Page(items=[IncidentOut.of(one, call.actor) for one in page], next_cursor=more)
