"""What people do to the catalogue, one at a time in a project."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.kernel.errors import check_version
from shared.kernel.values import ProjectId
from shared.platform.runtime import Tx
from shared.services import store
from shared.services.errors import DependencyNotFound, DependsOnItself, ServiceNameTaken, TooManyServices
from shared.services.events import DependencyAdded, DependencyRemoved, ServiceCreated, ServiceRemoved, ServiceUpdated
from shared.services.schemas import ServiceIn, ServicePatch
from shared.services.store import Call
from shared.services.tables import DependencyRow, ServiceRow
from shared.services.values import MAX_SERVICES, DependencySource, ServiceSource, stronger


async def create_service(tx: Tx, project_id: ProjectId, given: ServiceIn) -> ServiceRow:
    """Add a service. Raises `ServiceNameTaken`, `TooManyServices`."""
    await store.lock_catalogue(tx, project_id)
    if await store.named(tx, project_id, [given.name]):
        raise ServiceNameTaken
    if await store.count(tx, project_id) >= MAX_SERVICES:
        raise TooManyServices(limit=MAX_SERVICES)
    return add_service(tx, project_id, given.given(), ServiceSource.MANUAL)


async def update_service(
    tx: Tx, project_id: ProjectId, service_id: UUID, given: ServicePatch, *, expected: int | None
) -> ServiceRow:
    """Change what `given` names. Raises `ServiceNotFound`, `StaleVersion`, `ServiceNameTaken`."""
    row = await _locked(tx, project_id, service_id, expected)
    said = given.given()
    taken = await store.named(tx, project_id, [said["name"]]) if "name" in said else {}
    if any(other.id != row.id for other in taken.values()):
        raise ServiceNameTaken
    change_service(tx, row, said, ServiceSource.MANUAL)
    return row


async def remove_service(tx: Tx, project_id: ProjectId, service_id: UUID, *, expected: int | None) -> None:
    """Take a service out of the catalogue, with what it depends on. Raises `ServiceNotFound`, `StaleVersion`."""
    row = await _locked(tx, project_id, service_id, expected)
    row.removed_at = row.updated_at = tx.now
    row.version += 1
    tx.record(
        ServiceRemoved(
            project_id=project_id,
            subject_id=row.id,
            data={"name": row.name},
            changes={"removed_at": (None, tx.now)},
        )
    )


async def put_dependency(tx: Tx, project_id: ProjectId, caller_id: UUID, callee_id: UUID) -> Call:
    """Say that a service calls another. Raises `ServiceNotFound`, `DependsOnItself`."""
    await store.lock_catalogue(tx, project_id)
    caller, callee = await store.get(tx, project_id, caller_id), await store.get(tx, project_id, callee_id)
    if caller.id == callee.id:
        raise DependsOnItself
    known = await store.dependencies_among(tx, project_id, [caller.id])
    row = known.get((caller.id, callee.id))
    if row is None:
        row = add_dependency(tx, caller, callee, DependencySource.MANUAL)
    else:
        change_dependency(tx, row, (caller.name, callee.name), DependencySource.MANUAL)
    return Call(row=row, caller=caller.name, callee=callee.name)


async def remove_dependency(tx: Tx, project_id: ProjectId, caller_id: UUID, callee_id: UUID) -> None:
    """Say that a service does not call another. Raises `ServiceNotFound`, `DependencyNotFound`."""
    await store.lock_catalogue(tx, project_id)
    caller, callee = await store.get(tx, project_id, caller_id), await store.get(tx, project_id, callee_id)
    row = (await store.dependencies_among(tx, project_id, [caller.id])).get((caller.id, callee.id))
    if row is None or row.removed_at is not None:
        raise DependencyNotFound
    before, row.removed_at, row.source = row.source, tx.now, DependencySource.MANUAL.value
    tx.record(
        DependencyRemoved(
            project_id=project_id,
            subject_id=row.id,
            data={"caller": caller.name, "callee": callee.name},
            changes={"removed_at": (None, tx.now), "source": (before, row.source)},
        )
    )


def add_service(tx: Tx, project_id: ProjectId, said: Mapping[str, Any], source: ServiceSource) -> ServiceRow:
    """Add a service of which `said` is known, in a catalogue that is locked."""
    row = ServiceRow(
        tenant_id=tx.tenant_id,
        id=tx.ids.new(),
        project_id=project_id,
        source=source.value,
        version=1,
        created_at=tx.now,
        updated_at=tx.now,
        **{"display_name": "", "description": "", "owner": "", "runbook_url": "", "links": [], **said},
    )
    tx.session.add(row)
    tx.record(ServiceCreated(project_id=project_id, subject_id=row.id, data={"name": row.name, "source": row.source}))
    return row


def change_service(tx: Tx, row: ServiceRow, said: Mapping[str, Any], source: ServiceSource) -> bool:
    """Change what `said` names; says whether anything did. Who changes a learned service makes it theirs."""
    after = dict(said)
    if row.source == ServiceSource.LEARNED:
        after["source"] = source.value
    changes = {field: (getattr(row, field), value) for field, value in after.items() if getattr(row, field) != value}
    for field, value in after.items():
        setattr(row, field, value)
    if changes:
        row.version += 1
        row.updated_at = tx.now
        tx.record(
            ServiceUpdated(
                project_id=ProjectId(row.project_id), subject_id=row.id, data={"name": row.name}, changes=changes
            )
        )
    return bool(changes)


def add_dependency(tx: Tx, caller: ServiceRow, callee: ServiceRow, source: DependencySource) -> DependencyRow:
    """Add a dependency in a catalogue that is locked."""
    row = DependencyRow(
        tenant_id=tx.tenant_id,
        id=tx.ids.new(),
        project_id=caller.project_id,
        caller_id=caller.id,
        callee_id=callee.id,
        source=source.value,
        created_at=tx.now,
        last_seen_at=tx.now,
    )
    tx.session.add(row)
    tx.record(
        DependencyAdded(
            project_id=ProjectId(caller.project_id),
            subject_id=row.id,
            data={"caller": caller.name, "callee": callee.name, "source": source.value},
        )
    )
    return row


def change_dependency(tx: Tx, row: DependencyRow, names: tuple[str, str], source: DependencySource) -> bool:
    """Have people say a dependency that is known, or was removed; says whether that changes anything."""
    row.last_seen_at = tx.now
    before = {"source": row.source, "removed_at": row.removed_at}
    after = {"source": stronger(source, DependencySource(row.source)).value, "removed_at": None}
    if before == after:
        return False
    row.source, row.removed_at = str(after["source"]), None
    tx.record(
        DependencyAdded(
            project_id=ProjectId(row.project_id),
            subject_id=row.id,
            data={"caller": names[0], "callee": names[1], "source": row.source},
            changes={field: (before[field], after[field]) for field in before if before[field] != after[field]},
        )
    )
    return True


async def _locked(tx: Tx, project_id: ProjectId, service_id: UUID, expected: int | None) -> ServiceRow:
    await store.lock_catalogue(tx, project_id)
    row = await store.get(tx, project_id, service_id)
    check_version(row.version, expected)
    return row
