"""POST /api/auth/login"""

from http import HTTPStatus

from functions.cookies import session_cookies
from functions.http import Admission, Answer, Call, endpoint
from shared.access import commands
from shared.access.errors import TooManyAttempts, WrongCredentials
from shared.access.schemas import LoginIn, SignedInOut
from shared.kernel.errors import Unavailable


@endpoint(
    "POST",
    "auth/login",
    needs=Admission.EVERYONE,
    body=LoginIn,
    returns=SignedInOut,
    raises=(WrongCredentials, TooManyAttempts, Unavailable),
)
async def login(call: Call[LoginIn, None]) -> Answer:
    """Sign in with e-mail address and password."""
    found = await commands.sign_in(call.runtime, call.body, address=call.address)
    cookies = session_cookies(found, call.runtime.settings.cookie_same_site)
    return Answer(body=found.body, status=HTTPStatus.OK, cookies=cookies)
