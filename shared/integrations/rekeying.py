"""Move stored credentials to the newest key of the vault, so that an older one can be dropped."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from shared.integrations.commands import credentials_place
from shared.integrations.tables import IntegrationRow
from shared.kernel.values import TenantId, system_actor
from shared.platform.runtime import Runtime
from shared.platform.vault import Unsealable

BATCH: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Rekeyed:
    """One batch: how many values moved, and the integrations whose values no key of the ring opens."""

    moved: int
    unreadable: tuple[UUID, ...]


async def rekey(runtime: Runtime, *, batch: int = BATCH) -> AsyncGenerator[Rekeyed]:
    """Re-encrypt what is not under the newest key, a transaction for each batch; yields those that had something.

    What is left to do is read from the values themselves: a run that was cut short is simply run again.
    """
    for tenant_id in await _tenants(runtime):
        after: UUID | None = UUID(int=0)
        while after is not None:
            done, after = await _batch(runtime, tenant_id, after, batch)
            if done.moved or done.unreadable:
                yield done


async def _batch(runtime: Runtime, tenant_id: UUID, after: UUID, size: int) -> tuple[Rekeyed, UUID | None]:
    """Move one batch, and say after which id the next one begins: None when there is none."""
    async with runtime.transaction(system_actor(TenantId(tenant_id), "rekey")) as tx:
        rows = (
            await tx.session.scalars(
                tx.select(IntegrationRow)
                .where(
                    IntegrationRow.id > after,
                    IntegrationRow.credentials.is_not(None),
                    ~IntegrationRow.credentials.startswith(runtime.vault.prefix, autoescape=True),
                )
                .order_by(IntegrationRow.id)
                .limit(size)
                .with_for_update()
            )
        ).all()
        unreadable = tuple(row.id for row in rows if not _moved(runtime, row))
    done = Rekeyed(moved=len(rows) - len(unreadable), unreadable=unreadable)
    return done, rows[-1].id if len(rows) == size else None


def _moved(runtime: Runtime, row: IntegrationRow) -> bool:
    place = credentials_place(row)
    try:
        row.credentials = runtime.vault.seal(runtime.vault.open(row.credentials or "", place), place)
    except Unsealable:
        return False
    return True


async def _tenants(runtime: Runtime) -> list[UUID]:
    async with runtime.system_transaction() as system:
        found = await system.session.scalars(select(IntegrationRow.tenant_id).distinct())
        return sorted(found.all())
