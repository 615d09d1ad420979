"""Queries over the catalogue, by name."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import aliased

from shared.kernel.values import ProjectId
from shared.platform.runtime import Tx
from shared.services.errors import ServiceNotFound
from shared.services.tables import DependencyRow, ServiceRow

# Made once: an alias is dear to make, and this is asked for each incident that is looked at.
_CALLER, _CALLEE = aliased(ServiceRow), aliased(ServiceRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A dependency with the names of its ends."""

    row: DependencyRow
    caller: str
    callee: str


async def lock_catalogue(tx: Tx, project_id: UUID) -> None:
    """Let the changes of a project's catalogue come one after the other: what is looked at then stays so."""
    await tx.session.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"services:{project_id}"}
    )


async def get(tx: Tx, project_id: ProjectId, service_id: UUID) -> ServiceRow:
    """Return a service. Raises `ServiceNotFound`."""
    row = await tx.session.scalar(
        tx.select(ServiceRow).where(
            ServiceRow.project_id == project_id, ServiceRow.id == service_id, ServiceRow.removed_at.is_(None)
        )
    )
    if row is None:
        raise ServiceNotFound
    return row


async def by_name(
    tx: Tx, project_id: ProjectId, *, owner: str | None, after: str | None, limit: int
) -> Sequence[ServiceRow]:
    """Return the project's services in the order of their names."""
    query = tx.select(ServiceRow).where(ServiceRow.project_id == project_id, ServiceRow.removed_at.is_(None))
    if owner is not None:
        query = query.where(ServiceRow.owner == owner)
    if after is not None:
        query = query.where(ServiceRow.name > after)
    return (await tx.session.scalars(query.order_by(ServiceRow.name).limit(limit))).all()


async def named(tx: Tx, project_id: UUID, names: Collection[str]) -> dict[str, ServiceRow]:
    """Return the services that have these names."""
    found = await tx.session.scalars(
        tx.select(ServiceRow).where(
            ServiceRow.project_id == project_id, ServiceRow.name.in_(names), ServiceRow.removed_at.is_(None)
        )
    )
    return {row.name: row for row in found}


async def names_ever(tx: Tx, project_id: UUID, names: Collection[str]) -> set[str]:
    """Return which of these names the catalogue has, or had until somebody removed them."""
    found = await tx.session.scalars(
        select(ServiceRow.name)
        .where(ServiceRow.tenant_id == tx.tenant_id, ServiceRow.project_id == project_id, ServiceRow.name.in_(names))
        .distinct()
    )
    return set(found)


async def count(tx: Tx, project_id: UUID) -> int:
    """Return how many services the project has."""
    found = await tx.session.scalar(
        select(func.count()).where(
            ServiceRow.tenant_id == tx.tenant_id, ServiceRow.project_id == project_id, ServiceRow.removed_at.is_(None)
        )
    )
    return found or 0


async def calls(tx: Tx, project_id: UUID, service_id: UUID | None = None) -> list[Call]:
    """Return who calls whom in the project: everybody, or one service and its neighbours."""
    query = (
        select(DependencyRow, _CALLER.name, _CALLEE.name)
        .join(_CALLER, (_CALLER.tenant_id == DependencyRow.tenant_id) & (_CALLER.id == DependencyRow.caller_id))
        .join(_CALLEE, (_CALLEE.tenant_id == DependencyRow.tenant_id) & (_CALLEE.id == DependencyRow.callee_id))
        .where(
            DependencyRow.tenant_id == tx.tenant_id,
            DependencyRow.project_id == project_id,
            DependencyRow.removed_at.is_(None),
            _CALLER.removed_at.is_(None),
            _CALLEE.removed_at.is_(None),
        )
        .order_by(_CALLER.name, _CALLEE.name)
    )
    if service_id is not None:
        query = query.where(or_(DependencyRow.caller_id == service_id, DependencyRow.callee_id == service_id))
    return [Call(row=row[0], caller=row[1], callee=row[2]) for row in await tx.session.execute(query)]


async def dependencies_among(
    tx: Tx, project_id: UUID, services: Collection[UUID]
) -> dict[tuple[UUID, UUID], DependencyRow]:
    """Return the dependencies whose callers are these services, also removed ones, by caller and callee."""
    found = await tx.session.scalars(
        tx.select(DependencyRow).where(DependencyRow.project_id == project_id, DependencyRow.caller_id.in_(services))
    )
    return {(row.caller_id, row.callee_id): row for row in found}
