"""PATCH /api/saved-views/{saved_view_id}"""

from uuid import UUID

from functions.http import Call, endpoint
from shared.incidents import saved_views
from shared.incidents.errors import SavedViewNotFound
from shared.incidents.filters import SavedViewOut, SavedViewPatch
from shared.kernel.errors import Forbidden, StaleVersion
from shared.kernel.values import Permission
from shared.platform.database import AlreadyTaken


@endpoint(
    "PATCH",
    "saved-views/{saved_view_id}",
    needs=Permission.INCIDENT_READ,
    body=SavedViewPatch,
    returns=SavedViewOut,
    raises=(SavedViewNotFound, StaleVersion, AlreadyTaken, Forbidden),
)
async def update_saved_view(call: Call[SavedViewPatch, None], saved_view_id: UUID) -> SavedViewOut:
    """Change a view of one's own; what is absent stays as it is."""
    async with call.transaction() as tx:
        row = await saved_views.update_view(tx, call.project_id, saved_view_id, call.body, expected=call.if_match)
    return SavedViewOut.of(row, call.actor)
