"""GET /api/auth/me"""

from functions.http import Admission, Call, endpoint
from shared.access import sessions
from shared.access.schemas import CallerOut


@endpoint("GET", "auth/me", needs=Admission.SIGNED_IN, returns=CallerOut)
async def who_am_i(call: Call[None, None]) -> CallerOut:
    """Say who the caller is: a person or an API key."""
    return await sessions.describe(call.runtime, call.actor)
