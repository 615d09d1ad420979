"""GET /api/health"""

from functions.http import Admission, Call, endpoint
from shared.platform.health import HealthOut, examine


@endpoint("GET", "health", needs=Admission.EVERYONE, returns=HealthOut)
async def health(call: Call[None, None]) -> HealthOut:
    """Say how every part is; degraded is not down."""
    return await examine(call.runtime)
