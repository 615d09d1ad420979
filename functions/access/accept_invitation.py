"""POST /api/invitations/accept"""

from http import HTTPStatus

from functions.cookies import session_cookies
from functions.http import Admission, Answer, Call, endpoint
from shared.access import invitations
from shared.access.errors import EmailTaken, InvitationNotFound, TooManyAttempts, WeakPassword
from shared.access.schemas import AcceptInvitationIn, SignedInOut
from shared.kernel.errors import Unavailable


@endpoint(
    "POST",
    "invitations/accept",
    needs=Admission.EVERYONE,
    body=AcceptInvitationIn,
    returns=SignedInOut,
    status=HTTPStatus.CREATED,
    raises=(InvitationNotFound, EmailTaken, WeakPassword, TooManyAttempts, Unavailable),
)
async def accept_invitation(call: Call[AcceptInvitationIn, None]) -> Answer:
    """Come in by an invitation, and be signed in."""
    made = await invitations.accept(call.runtime, call.body, address=call.address)
    cookies = session_cookies(made, call.runtime.settings.cookie_same_site)
    return Answer(body=made.body, status=HTTPStatus.CREATED, cookies=cookies)
