"""POST /api/invitations"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.access import invitations
from shared.access.attempts import count_invitation
from shared.access.errors import AlreadyInTenant, RoleTooHigh, TooManyInvitations
from shared.access.schemas import InvitationCreatedOut, InvitationIn
from shared.kernel.errors import Unavailable
from shared.kernel.values import Permission


@endpoint(
    "POST",
    "invitations",
    needs=Permission.MEMBER_WRITE,
    body=InvitationIn,
    returns=InvitationCreatedOut,
    status=HTTPStatus.CREATED,
    raises=(RoleTooHigh, AlreadyInTenant, TooManyInvitations, Unavailable),
)
async def create_invitation(call: Call[InvitationIn, None]) -> InvitationCreatedOut:
    """Invite somebody new to the project; the link's token is shown this once."""
    await count_invitation(call.runtime, call.body.email)
    async with call.transaction() as tx:
        row, token = await invitations.invite(tx, call.project_id, call.body)
    return InvitationCreatedOut.with_token(row, token)
