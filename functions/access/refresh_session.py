"""POST /api/auth/refresh"""

from http import HTTPStatus

from functions.cookies import REFRESH, cookie_of, session_cookies
from functions.http import Admission, Answer, Call, endpoint
from shared.access import sessions
from shared.access.schemas import SignedInOut
from shared.kernel.errors import Unauthenticated, Unavailable


@endpoint(
    "POST",
    "auth/refresh",
    needs=Admission.EVERYONE,
    returns=SignedInOut,
    raises=(Unauthenticated, Unavailable),
    cookie=True,
)
async def refresh_session(call: Call[None, None]) -> Answer:
    """Trade the refresh cookie for its successor and a new access token."""
    found = await sessions.refresh(call.runtime, cookie_of(call.headers, REFRESH))
    cookies = session_cookies(found, call.runtime.settings.cookie_same_site)
    return Answer(body=found.body, status=HTTPStatus.OK, cookies=cookies)
