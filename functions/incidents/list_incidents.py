"""GET /api/incidents"""

from functions.http import Call, endpoint
from shared.incidents import listing
from shared.incidents.filters import IncidentQuery
from shared.incidents.schemas import FoundOut
from shared.kernel.values import Permission
from shared.platform.paging import BadCursor
from shared.platform.wire import Page


@endpoint(
    "GET",
    "incidents",
    needs=Permission.INCIDENT_READ,
    query=IncidentQuery,
    returns=Page[FoundOut],
    raises=(BadCursor,),
    cached=True,
)
async def list_incidents(call: Call[None, IncidentQuery]) -> Page[FoundOut]:
    """List or search the project's incidents; searches come best first, everything else newest first."""
    async with call.transaction() as tx:
        found = await listing.page(tx, call.project_id, call.query)
    return Page(items=[FoundOut.found(one, call.actor) for one in found.items], next_cursor=found.next_cursor)
