"""GET /api/health"""

from functions.http import Admission, Call, endpoint
from shared.kernel.values import ActorKind
from shared.platform.health import HealthOut, health_of


@endpoint("GET", "health", needs=Admission.EVERYONE, recognises=True, returns=HealthOut)
async def health(call: Call[None, None]) -> HealthOut:
    """Say how every part is; degraded is not down. How long each took is for those who show a credential."""
    found = await health_of(call.runtime)
    return found.for_everyone() if call.actor.kind is ActorKind.ANONYMOUS else found
