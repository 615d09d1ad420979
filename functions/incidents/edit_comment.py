"""PATCH /api/incidents/{incident_id}/comments/{comment_id}"""

from uuid import UUID

from functions.http import Call, endpoint
from shared.incidents import comments
from shared.incidents.comment_schemas import CommentIn, CommentOut
from shared.incidents.errors import CommentNotFound, IncidentNotFound
from shared.kernel.errors import Forbidden, StaleVersion
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "PATCH",
    "incidents/{incident_id}/comments/{comment_id}",
    needs=Permission.INCIDENT_WRITE,
    body=CommentIn,
    returns=CommentOut,
    raises=(IncidentNotFound, CommentNotFound, Forbidden, StaleVersion),
)
async def edit_comment(call: Call[CommentIn, None], incident_id: IncidentId, comment_id: UUID) -> CommentOut:
    """Change one's own comment."""
    async with call.transaction() as tx:
        row = await comments.edit_comment(
            tx, call.project_id, incident_id, comment_id, call.body.body, expected=call.if_match
        )
    return CommentOut.of(row)
