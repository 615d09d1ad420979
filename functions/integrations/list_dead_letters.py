"""GET /api/dead-letters"""

from functions.http import Call, endpoint
from shared.integrations import dead_letters
from shared.integrations.schemas import DeadLetterOut, DeadLettersQuery
from shared.kernel.values import Permission
from shared.platform.paging import BadCursor, cursor_at, page_of
from shared.platform.wire import Page


@endpoint(
    "GET",
    "dead-letters",
    needs=Permission.INTEGRATION_WRITE,
    query=DeadLettersQuery,
    returns=Page[DeadLetterOut],
    raises=(BadCursor,),
)
async def list_dead_letters(call: Call[None, DeadLettersQuery]) -> Page[DeadLetterOut]:
    """List what was sent or queued and could not be processed, with the reason, newest first."""
    async with call.transaction() as tx:
        found = await dead_letters.newest(tx, call.project_id, call.query)
    return page_of(found, call.query.limit, lambda one: one, lambda one: cursor_at(one.at, one.id))
