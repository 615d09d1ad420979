"""DELETE /api/invitations/{invitation_id}"""

from http import HTTPStatus
from uuid import UUID

from functions.http import Call, endpoint
from shared.access import invitations
from shared.access.errors import InvitationNotFound
from shared.kernel.values import Permission


@endpoint(
    "DELETE",
    "invitations/{invitation_id}",
    needs=Permission.MEMBER_WRITE,
    status=HTTPStatus.NO_CONTENT,
    raises=(InvitationNotFound,),
)
async def revoke_invitation(call: Call[None, None], invitation_id: UUID) -> None:
    """End an invitation that nobody has accepted yet."""
    async with call.transaction() as tx:
        await invitations.revoke_invitation(tx, call.project_id, invitation_id)
