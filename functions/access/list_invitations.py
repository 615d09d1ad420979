"""GET /api/invitations"""

from functions.http import Call, endpoint
from shared.access import invitations
from shared.access.schemas import InvitationOut
from shared.kernel.values import Permission
from shared.platform.wire import Page


@endpoint("GET", "invitations", needs=Permission.MEMBER_WRITE, returns=Page[InvitationOut])
async def list_invitations(call: Call[None, None]) -> Page[InvitationOut]:
    """List the project's invitations, newest first."""
    async with call.transaction() as tx:
        rows = await invitations.list_invitations(tx, call.project_id)
    return Page(items=[InvitationOut.of(row) for row in rows])
