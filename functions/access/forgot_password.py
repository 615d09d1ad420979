"""POST /api/auth/password/forgot"""

from http import HTTPStatus

from functions.http import Admission, Call, endpoint
from shared.access import password_reset
from shared.access.errors import TooManyAttempts
from shared.access.schemas import ForgotPasswordIn
from shared.kernel.errors import Unavailable


@endpoint(
    "POST",
    "auth/password/forgot",
    needs=Admission.EVERYONE,
    body=ForgotPasswordIn,
    status=HTTPStatus.ACCEPTED,
    raises=(TooManyAttempts, Unavailable),
)
async def forgot_password(call: Call[ForgotPasswordIn, None]) -> None:
    """Have a link to choose another password sent by e-mail. The answer is the same whether there is an account."""
    await password_reset.request_reset(call.runtime, call.body.email, address=call.address)
