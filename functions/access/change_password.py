"""POST /api/auth/password"""

from http import HTTPStatus

from functions.http import Admission, Call, endpoint
from shared.access import commands
from shared.access.errors import TooManyAttempts, WeakPassword, WrongPassword
from shared.access.schemas import PasswordIn
from shared.kernel.errors import Forbidden, Unavailable


@endpoint(
    "POST",
    "auth/password",
    needs=Admission.SIGNED_IN,
    body=PasswordIn,
    status=HTTPStatus.NO_CONTENT,
    raises=(Forbidden, WrongPassword, WeakPassword, TooManyAttempts, Unavailable),
)
async def change_password(call: Call[PasswordIn, None]) -> None:
    """Change one's own password, which ends one's other sessions."""
    await commands.change_password(call.runtime, call.actor, call.body, address=call.address)
