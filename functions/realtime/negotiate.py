"""POST /api/realtime/negotiate"""

from functions.http import Call, endpoint
from shared.kernel.errors import Unavailable
from shared.kernel.values import Permission
from shared.platform.realtime import group_of
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
    tenant, project = call.actor.tenant_id, call.project_id
    groups = [group_of(tenant, project, channel) for channel in sorted(call.body.channels)] if tenant else []
    access = await call.runtime.realtime.admit(f"{tenant}:{call.actor.id}", groups)
    return NegotiateOut.of(access, call.runtime.clock.now())
