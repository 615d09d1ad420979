"""GET /api/health/live"""

from functions.http import Admission, Call, endpoint
from shared.platform.health import Health, LiveOut


@endpoint("GET", "health/live", needs=Admission.EVERYONE, returns=LiveOut)
async def health_live(call: Call[None, None]) -> LiveOut:  # noqa: ARG001 - every handler takes the call
    """Say that the process answers."""
    return LiveOut(status=Health.OK)
