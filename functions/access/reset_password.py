"""POST /api/auth/password/reset"""

from http import HTTPStatus

from functions.http import Admission, Call, endpoint
from shared.access import password_reset
from shared.access.errors import PasswordResetNotFound, TooManyAttempts, WeakPassword
from shared.access.schemas import ResetPasswordIn
from shared.kernel.errors import Unavailable


@endpoint(
    "POST",
    "auth/password/reset",
    needs=Admission.EVERYONE,
    body=ResetPasswordIn,
    status=HTTPStatus.NO_CONTENT,
    raises=(PasswordResetNotFound, WeakPassword, TooManyAttempts, Unavailable),
)
async def reset_password(call: Call[ResetPasswordIn, None]) -> None:
    """Choose another password by the link of the e-mail; all sessions of the person end."""
    await password_reset.reset(call.runtime, call.body, address=call.address)
