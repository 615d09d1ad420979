"""GET /api/services"""

from functions.http import Call, endpoint
from shared.kernel.values import Permission
from shared.platform.paging import BadCursor, cursor_of, last_of, page_of
from shared.platform.wire import Page
from shared.services import store
from shared.services.schemas import ServiceOut, ServicesQuery


@endpoint(
    "GET",
    "services",
    needs=Permission.SERVICE_READ,
    query=ServicesQuery,
    returns=Page[ServiceOut],
    raises=(BadCursor,),
    cached=True,
)
async def list_services(call: Call[None, ServicesQuery]) -> Page[ServiceOut]:
    """List the project's services by name."""
    asked = call.query
    after = last_of(asked.cursor) if asked.cursor else None
    async with call.transaction() as tx:
        rows = await store.by_name(tx, call.project_id, owner=asked.owner, after=after, limit=asked.limit + 1)
    return page_of(rows, asked.limit, ServiceOut.of, lambda row: cursor_of(row.name))
