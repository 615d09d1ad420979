"""How often somebody may call, and what they are told about it."""

import logging
import math
from collections.abc import Mapping
from typing import Final

from shared.kernel.errors import Overloaded, TooMany
from shared.kernel.values import Actor, ActorKind
from shared.platform.buckets import Limit, Verdict
from shared.platform.runtime import Runtime

log = logging.getLogger(__name__)

MINUTE: Final = 60.0


async def admit(runtime: Runtime, actor: Actor, address: str, *, tenant_limit: int | None = None) -> Mapping[str, str]:
    """Count a call, and return the headers that tell the caller how many more may follow.

    `tenant_limit` is how many calls a minute the tenant's owner allows it, where that is less than the deployment does.
    Raises `TooMany` for people and programs. A sender of alerts is never told 429, which would lose the alert: only
    beyond an abuse ceiling does it get `Overloaded` and come again.
    """
    settings = runtime.settings
    if actor.kind is ActorKind.INTEGRATION:
        ceiling = Limit(count=settings.ingest_ceiling, seconds=MINUTE)
        # Of this process alone: a webhook needs no store to be admitted.
        if not runtime.limits.local.take(f"ingest:{actor.id}", ceiling).allowed:
            raise Overloaded
        return {}
    own = Limit(count=settings.rate_limit, seconds=MINUTE)
    if actor.tenant_id is None:
        limits = {f"address:{address}": own}
    else:
        most = settings.tenant_rate_limit
        tenant = Limit(count=min(most, tenant_limit or most), seconds=MINUTE)
        limits = {f"{{{actor.tenant_id}}}:person:{actor.id}": own, f"{{{actor.tenant_id}}}": tenant}
    verdict, *_ = verdicts = await runtime.limits.take_in_turn(limits)
    if not verdicts[-1].allowed:
        raise TooMany(retry_after=_seconds(verdicts[-1]))
    return {
        "RateLimit-Policy": f'"caller";q={own.count};w={int(MINUTE)}',
        "RateLimit": f'"caller";r={verdict.remaining};t={math.ceil((own.count - verdict.remaining) / own.rate)}',
    }


def client_address(headers: Mapping[str, str]) -> str:
    """Return the caller's address as the platform saw it, or an empty string.

    A proxy appends the address that it was called from, so only the last one is not the caller's own invention.
    """
    last = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    host, colon, port = last.rpartition(":")
    return host.strip("[]") if colon and port.isdecimal() and ("." in host or host.endswith("]")) else last


def _seconds(verdict: Verdict) -> int:
    return max(1, math.ceil(verdict.retry_after))
