"""POST /api/incidents/{incident_id}/comments"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.incidents import comments
from shared.incidents.comment_schemas import CommentIn, CommentOut
from shared.incidents.errors import IncidentNotFound
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "POST",
    "incidents/{incident_id}/comments",
    needs=Permission.INCIDENT_WRITE,
    body=CommentIn,
    returns=CommentOut,
    status=HTTPStatus.CREATED,
    raises=(IncidentNotFound,),
)
async def add_comment(call: Call[CommentIn, None], incident_id: IncidentId) -> CommentOut:
    """Say something about an incident."""
    async with call.transaction() as tx:
        row = await comments.add_comment(tx, call.project_id, incident_id, call.body.body)
    return CommentOut.of(row)
