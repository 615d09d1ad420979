"""What a timer does for the days of all tenants: watch over the last sealed one, and seal those that are over."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Date, cast, func, select

from shared.access.tables import TenantRow
from shared.audit.seals import seal_next
from shared.audit.tables import SealRow
from shared.audit.values import last_to_seal
from shared.audit.verifying import last_is_intact
from shared.kernel.errors import Unavailable
from shared.kernel.values import TenantId
from shared.platform.alarms import Alarm, Danger
from shared.platform.runtime import Runtime
from shared.platform.turns import in_turn

# A host ends a run after five minutes: no tenant's turn begins after 90 seconds, and none takes longer than 180.
_BEGIN_SECONDS: Final = 90.0
_TENANT_SECONDS: Final = 180.0
_AT_ONCE: Final = 4  # one that takes long holds up only those that come after it in its own place
_MAX_TENANTS: Final = 200


async def seal_due(runtime: Runtime) -> int:
    """Seal days that are over. Returns how many. Raises `Unavailable`."""
    return await seal_each(runtime, await _due(runtime))


async def seal_each(runtime: Runtime, tenants: Sequence[TenantId]) -> int:
    """Seal days of those tenants whose turn it comes to in time. Returns how many."""
    last_begin = time.monotonic() + _BEGIN_SECONDS

    async def seal(tenant_id: TenantId) -> int:
        return await seal_tenant(runtime, tenant_id) if time.monotonic() < last_begin else 0

    done = await in_turn(tenants, seal, what=lambda one: f"sealing the days of tenant {one}", at_once=_AT_ONCE)
    return sum(count or 0 for count in done)


async def seal_tenant(runtime: Runtime, tenant_id: TenantId, *, seconds: float = _TENANT_SECONDS) -> int:
    """Seal a tenant's days that are over, the oldest first, for so many seconds at most. Returns how many.

    The last sealed day is compared with its seal before the next one is sealed, so each is, once. Where it differs, and
    where no day could be sealed, an alarm sounds. Raises `Unavailable`, and `TimeoutError` where not even one day could
    be read.
    """
    sealed = 0
    try:
        async with asyncio.timeout(seconds):
            if not await last_is_intact(runtime, tenant_id):
                _sound(runtime, Danger.SEAL_BROKEN, tenant_id)
            while await seal_next(runtime, tenant_id):
                sealed += 1
    except Unavailable:
        raise
    except Exception as error:
        if not (sealed and isinstance(error, TimeoutError)):  # the next run goes on with the other days
            _sound(runtime, Danger.NOT_SEALED, tenant_id)
            raise
    return sealed


def _sound(runtime: Runtime, danger: Danger, tenant_id: TenantId) -> None:
    runtime.alarms.sound(Alarm(danger=danger, subject=f"tenant {tenant_id}"))


async def _due(runtime: Runtime) -> Sequence[TenantId]:
    """Return tenants with days to seal."""
    last = func.coalesce(func.max(SealRow.day), cast(func.timezone("UTC", TenantRow.created_at), Date) - 1)
    query = (
        select(TenantRow.id)
        .outerjoin(SealRow, SealRow.tenant_id == TenantRow.id)
        .group_by(TenantRow.id, TenantRow.created_at)
        .having(last < last_to_seal(runtime.clock.now()))
        .order_by(func.random())  # where a run does not come to all, those that take long or fail are not always first
        .limit(_MAX_TENANTS)
    )
    async with runtime.system_transaction() as tx:
        return [TenantId(found) for found in await tx.session.scalars(query)]
