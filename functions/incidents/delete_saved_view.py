"""DELETE /api/saved-views/{saved_view_id}"""

from http import HTTPStatus
from uuid import UUID

from functions.http import Call, endpoint
from shared.incidents import saved_views
from shared.incidents.errors import SavedViewNotFound
from shared.kernel.errors import Forbidden
from shared.kernel.values import Permission


@endpoint(
    "DELETE",
    "saved-views/{saved_view_id}",
    needs=Permission.INCIDENT_READ,
    status=HTTPStatus.NO_CONTENT,
    raises=(SavedViewNotFound, Forbidden),
)
async def delete_saved_view(call: Call[None, None], saved_view_id: UUID) -> None:
    """Take a view of one's own away."""
    async with call.transaction() as tx:
        await saved_views.remove_view(tx, call.project_id, saved_view_id)
