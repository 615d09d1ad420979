"""POST /api/auth/register"""

from http import HTTPStatus

from functions.cookies import session_cookies
from functions.http import Admission, Answer, Call, endpoint
from shared.access import commands
from shared.access.errors import EmailTaken, TooManyAttempts, WeakPassword
from shared.access.schemas import RegisterIn, SignedInOut
from shared.kernel.errors import Unavailable


@endpoint(
    "POST",
    "auth/register",
    needs=Admission.EVERYONE,
    body=RegisterIn,
    returns=SignedInOut,
    status=HTTPStatus.CREATED,
    raises=(EmailTaken, WeakPassword, TooManyAttempts, Unavailable),
)
async def register(call: Call[RegisterIn, None]) -> Answer:
    """Make a tenant with its owner and first project, and sign the owner in."""
    made = await commands.register(call.runtime, call.body, address=call.address)
    cookies = session_cookies(made, call.runtime.settings.cookie_same_site)
    return Answer(body=made.body, status=HTTPStatus.CREATED, cookies=cookies)
