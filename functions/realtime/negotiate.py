"""POST /api/realtime/negotiate"""

from functions.http import Call, endpoint
from shared.kernel.errors import Unauthenticated, Unavailable
from shared.kernel.values import Permission
from shared.platform.realtime import group_of, listener
from shared.platform.schemas import NegotiateIn, NegotiateOut


@endpoint(
    "POST",
    "realtime/negotiate",
    needs=Permission.INCIDENT_READ,
    body=NegotiateIn,
    returns=NegotiateOut,
    raises=(Unavailable,),
)
async def negotiate(call: Call[NegotiateIn, None]) -> NegotiateOut:
    """Give a client URL for live events. Its groups come from who the caller is, never from what they ask for."""
    tenant, caller = call.actor.tenant_id, call.actor.id
    if tenant is None or caller is None:
        raise Unauthenticated
    groups = [group_of(tenant, call.project_id, channel) for channel in sorted(call.body.channels)]
    access = await call.runtime.realtime.admit(listener(tenant, caller), groups)
    return NegotiateOut.of(access, call.runtime.clock.now())
