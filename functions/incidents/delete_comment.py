"""DELETE /api/incidents/{incident_id}/comments/{comment_id}"""

from http import HTTPStatus
from uuid import UUID

from functions.http import Call, endpoint
from shared.incidents import comments
from shared.incidents.errors import CommentNotFound, IncidentNotFound
from shared.kernel.errors import Forbidden
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "DELETE",
    "incidents/{incident_id}/comments/{comment_id}",
    needs=Permission.INCIDENT_WRITE,
    status=HTTPStatus.NO_CONTENT,
    raises=(IncidentNotFound, CommentNotFound, Forbidden),
)
async def delete_comment(call: Call[None, None], incident_id: IncidentId, comment_id: UUID) -> None:
    """Delete one's own comment, or as an admin anybody's; that there was one stays to be seen."""
    async with call.transaction() as tx:
        await comments.delete_comment(tx, call.project_id, incident_id, comment_id)
