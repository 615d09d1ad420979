"""GET /api/incidents/{incident_id}/comments"""

from functions.http import Call, endpoint
from shared.incidents import comments
from shared.incidents.comment_schemas import CommentOut
from shared.incidents.errors import IncidentNotFound
from shared.incidents.schemas import PageQuery
from shared.kernel.values import IncidentId, Permission
from shared.platform.paging import BadCursor, cursor_of, last_id, page_of
from shared.platform.wire import Page


@endpoint(
    "GET",
    "incidents/{incident_id}/comments",
    needs=Permission.INCIDENT_READ,
    query=PageQuery,
    returns=Page[CommentOut],
    raises=(IncidentNotFound, BadCursor),
    cached=True,
)
async def list_comments(call: Call[None, PageQuery], incident_id: IncidentId) -> Page[CommentOut]:
    """List what people said about an incident, oldest first."""
    asked, after = call.query, last_id(call.query.cursor)
    async with call.transaction() as tx:
        rows = await comments.list_comments(tx, call.project_id, incident_id, after=after, limit=asked.limit + 1)
    return page_of(rows, asked.limit, CommentOut.of, lambda row: cursor_of(row.id))
