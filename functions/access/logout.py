"""POST /api/auth/logout"""

from http import HTTPStatus

from functions.cookies import no_cookies
from functions.http import Admission, Answer, Call, endpoint
from shared.access import sessions
from shared.access.schemas import LogoutIn
from shared.kernel.errors import Forbidden


@endpoint(
    "POST",
    "auth/logout",
    needs=Admission.SIGNED_IN,
    body=LogoutIn,
    status=HTTPStatus.NO_CONTENT,
    raises=(Forbidden,),
)
async def logout(call: Call[LogoutIn, None]) -> Answer:
    """End this session, or all sessions of the person."""
    await sessions.sign_out(call.runtime, call.actor, everywhere=call.body.everywhere)
    cookies = no_cookies(call.runtime.settings.cookie_same_site)
    return Answer(body=None, status=HTTPStatus.NO_CONTENT, cookies=cookies)
