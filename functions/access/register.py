"""POST /api/auth/register"""

from http import HTTPStatus

from functions.http import Admission, Call, endpoint
from shared.access import commands
from shared.access.errors import EmailTaken
from shared.access.schemas import RegisterIn, SignedInOut


@endpoint(
    "POST",
    "auth/register",
    needs=Admission.EVERYONE,
    body=RegisterIn,
    returns=SignedInOut,
    status=HTTPStatus.CREATED,
    raises=(EmailTaken,),
)
async def register(call: Call[RegisterIn, None]) -> SignedInOut:
    """Make a tenant with its owner and first project, and sign the owner in."""
    return await commands.register(call.runtime, call.body)
