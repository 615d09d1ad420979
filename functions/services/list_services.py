"""GET /api/services"""

from functions.http import Call, endpoint
from shared.kernel.values import Permission
from shared.platform.paging import BadCursor, cursor_of, last_of
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
    more = cursor_of(rows[asked.limit - 1].name) if len(rows) > asked.limit else None
    return Page(items=[ServiceOut.of(row) for row in rows[: asked.limit]], next_cursor=more)
