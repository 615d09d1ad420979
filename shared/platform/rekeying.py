"""Move every sealed value to the newest key of the vault, so that an older one can be dropped."""

import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from shared.kernel.values import TenantId, system_actor
from shared.platform.runtime import Runtime
from shared.platform.tables import Base, CounterRow, TenantTable
from shared.platform.vault import Place, Unsealable

log = logging.getLogger(__name__)

BATCH: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedColumn:
    """A column whose values the vault has sealed."""

    row_type: type[TenantTable]
    table: str
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rekeyed:
    """One batch: how many values moved, and the rows whose values no key of the ring opens."""

    table: str
    moved: int
    unreadable: tuple[UUID, ...]


def sealed_columns() -> list[SealedColumn]:
    """Return every sealed column of the tables that are loaded."""
    return [
        SealedColumn(row_type=mapper.class_, table=mapper.class_.__tablename__, column=column.key)
        for mapper in Base.registry.mappers
        for column in mapper.columns
        if column.info.get("sealed")
    ]


async def rekey(runtime: Runtime, *, batch: int = BATCH) -> AsyncGenerator[Rekeyed]:
    """Re-encrypt what is not under the newest key, a transaction for each batch; yields those that had something.

    What is left to do is read from the values themselves: a run that was cut short is simply run again.
    """
    for tenant_id in await _tenants(runtime):
        for sealed in sealed_columns():
            after: UUID | None = UUID(int=0)
            while after is not None:
                done, after = await _batch(runtime, tenant_id, sealed, after, batch)
                if done.moved or done.unreadable:
                    yield done


async def rekey_while_rotating(runtime: Runtime) -> None:
    """Re-encrypt as long as the ring has several keys, and log how it went; with one key there is nothing to do."""
    if len(runtime.settings.vault_keys.keys) == 1:
        return
    moved = 0
    unreadable: list[UUID] = []
    async for done in rekey(runtime):
        moved += done.moved
        unreadable += done.unreadable
    if unreadable:
        log.error("VAULT_KEYS: no key opens what is sealed in %s", ", ".join(map(str, unreadable)))
    else:
        log.info("VAULT_KEYS: %d values re-encrypted; nothing needs the keys after the first", moved)


async def _batch(
    runtime: Runtime, tenant_id: UUID, sealed: SealedColumn, after: UUID, size: int
) -> tuple[Rekeyed, UUID | None]:
    """Move one batch, and say after which id the next one begins: None when there is none."""
    value = getattr(sealed.row_type, sealed.column)
    async with runtime.transaction(system_actor(TenantId(tenant_id), "rekey")) as tx:
        rows = (
            await tx.session.scalars(
                tx.select(sealed.row_type)
                .where(
                    sealed.row_type.id > after,
                    value.is_not(None),
                    ~value.startswith(runtime.vault.prefix, autoescape=True),
                )
                .order_by(sealed.row_type.id)
                .limit(size)
                .with_for_update()
            )
        ).all()
        unreadable = tuple(row.id for row in rows if not _moved(runtime, sealed, row))
    done = Rekeyed(table=sealed.table, moved=len(rows) - len(unreadable), unreadable=unreadable)
    return done, rows[-1].id if len(rows) == size else None


def _moved(runtime: Runtime, sealed: SealedColumn, row: TenantTable) -> bool:
    place = Place(tenant_id=row.tenant_id, table=sealed.table, column=sealed.column, row_id=row.id)
    try:
        text = runtime.vault.open(getattr(row, sealed.column), place)
    except Unsealable:
        return False
    setattr(row, sealed.column, runtime.vault.seal(text, place))
    return True


async def _tenants(runtime: Runtime) -> list[UUID]:
    async with runtime.system_transaction() as system:
        found = await system.session.scalars(select(CounterRow.tenant_id).distinct())
        return sorted(found.all())
