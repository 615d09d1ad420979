"""POST /api/saved-views"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.incidents import saved_views
from shared.incidents.filters import SavedViewIn, SavedViewOut
from shared.kernel.errors import Forbidden
from shared.kernel.values import Permission
from shared.platform.database import AlreadyTaken


@endpoint(
    "POST",
    "saved-views",
    needs=Permission.INCIDENT_READ,
    body=SavedViewIn,
    returns=SavedViewOut,
    status=HTTPStatus.CREATED,
    raises=(AlreadyTaken, Forbidden),
)
async def create_saved_view(call: Call[SavedViewIn, None]) -> SavedViewOut:
    """Save filters of the list of incidents under a name of one's own."""
    async with call.transaction() as tx:
        row = await saved_views.create_view(tx, call.project_id, call.body)
    return SavedViewOut.of(row, call.actor)
