"""GET /api/health/ready"""

from functions.http import Admission, Call, endpoint
from shared.kernel.errors import Unavailable
from shared.platform.health import Health, LiveOut, is_ready


@endpoint("GET", "health/ready", needs=Admission.EVERYONE, returns=LiveOut, raises=(Unavailable,))
async def health_ready(call: Call[None, None]) -> LiveOut:
    """Say whether work can be accepted; 503 only when neither the database nor the queue takes it."""
    if not await is_ready(call.runtime):
        raise Unavailable
    return LiveOut(status=Health.OK)
