"""POST /api/auth/login"""

from functions.http import Admission, Call, endpoint
from shared.access import commands
from shared.access.errors import WrongCredentials
from shared.access.schemas import LoginIn, SignedInOut


@endpoint("POST", "auth/login", needs=Admission.EVERYONE, body=LoginIn, returns=SignedInOut, raises=(WrongCredentials,))
async def login(call: Call[LoginIn, None]) -> SignedInOut:
    """Sign in with e-mail address and password."""
    return await commands.sign_in(call.runtime, call.body)
