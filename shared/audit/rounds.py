"""What a timer does for the days of all tenants: watch over the last sealed one, and seal those that are over."""

import time
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Date, cast, func, select

from shared.access.tables import TenantRow
from shared.audit.seals import seal_next
from shared.audit.tables import SealRow
from shared.audit.values import last_to_seal
from shared.audit.verifying import last_is_intact
from shared.kernel.values import TenantId
from shared.platform.alarms import Alarm, Danger
from shared.platform.runtime import Runtime

_RUN_SECONDS: Final = 120.0  # a host ends a run after five minutes
_MOST_TENANTS: Final = 200


async def seal_due(runtime: Runtime) -> int:
    """Seal days that are over, for two minutes at most. Returns how many. Raises `Unavailable`."""
    ends = time.monotonic() + _RUN_SECONDS
    return sum([await seal_tenant(runtime, tenant_id, ends=ends) for tenant_id in await _due(runtime)])


async def seal_tenant(runtime: Runtime, tenant_id: TenantId, *, ends: float) -> int:
    """Seal a tenant's days that are over, the oldest first, until `ends` of the monotonic clock. Returns how many.

    The last sealed day is compared with its seal before the next one is sealed, so each is, once. Raises `Unavailable`.
    """
    if time.monotonic() < ends and not await last_is_intact(runtime, tenant_id):
        runtime.alarms.sound(Alarm(danger=Danger.SEAL_BROKEN, subject=f"tenant {tenant_id}"))
    sealed = 0
    while time.monotonic() < ends and await seal_next(runtime, tenant_id):
        sealed += 1
    return sealed


async def _due(runtime: Runtime) -> Sequence[TenantId]:
    """Return tenants with days to seal, those that wait longest first."""
    last = func.coalesce(func.max(SealRow.day), cast(func.timezone("UTC", TenantRow.created_at), Date) - 1)
    query = (
        select(TenantRow.id)
        .outerjoin(SealRow, SealRow.tenant_id == TenantRow.id)
        .group_by(TenantRow.id, TenantRow.created_at)
        .having(last < last_to_seal(runtime.clock.now()))
        .order_by(last)
        .limit(_MOST_TENANTS)
    )
    async with runtime.system_transaction() as tx:
        return [TenantId(found) for found in await tx.session.scalars(query)]
