"""Import a document of services and dependencies. Importing it again changes nothing, and nothing is ever removed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from shared.kernel.values import ProjectId
from shared.platform.runtime import Tx
from shared.services import store
from shared.services.commands import add_dependency, add_service, change_dependency, change_service
from shared.services.errors import NamedTwice, TooManyServices
from shared.services.schemas import ImportedDependency, ImportedService, ImportIn, ImportOut
from shared.services.tables import DependencyRow, ServiceRow
from shared.services.values import MAX_SERVICES, DependencySource, ServiceSource


@dataclass(slots=True, kw_only=True)
class _Done:
    """What an import has come to so far."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    dependencies: list[ImportedDependency] = field(default_factory=list)
    dependencies_unchanged: int = 0


class DryRun(Exception):
    """Nothing is to be stored; `outcome` is what would have been."""

    def __init__(self, outcome: ImportOut) -> None:
        super().__init__("a dry run")
        self.outcome = outcome


async def import_services(tx: Tx, project_id: ProjectId, document: ImportIn, *, dry_run: bool) -> ImportOut:
    """Add and change what the document names. With `dry_run`, raises `DryRun`, so that nothing of it is stored.

    Raises `NamedTwice`, `TooManyServices`.
    """
    given = _by_name(document)
    pairs = _pairs(document)
    await store.lock_catalogue(tx, project_id)
    known = await store.named(tx, project_id, set(given))
    fresh = len(given.keys() - known.keys())
    if fresh + await store.count(tx, project_id) > MAX_SERVICES:
        raise TooManyServices(limit=MAX_SERVICES)
    done = _Done()
    rows = {name: _merged(tx, project_id, name, service, known, done) for name, service in given.items()}
    await tx.session.flush()  # services first: dependencies refer to them
    callers = {rows[caller].id for caller, _ in pairs}
    dependencies = await store.dependencies_among(tx, project_id, callers)
    for pair in pairs:
        _joined(tx, rows, dependencies, pair, done)
    outcome = ImportOut(
        dry_run=dry_run,
        services_created=done.created,
        services_changed=done.changed,
        services_unchanged=done.unchanged,
        dependencies_created=done.dependencies,
        dependencies_unchanged=done.dependencies_unchanged,
    )
    if dry_run:
        raise DryRun(outcome)
    return outcome


def _by_name(document: ImportIn) -> dict[str, ImportedService | None]:
    """Return the services of a document by name; None for those that are only called, or only call."""
    given: dict[str, ImportedService | None] = {}
    for index, service in enumerate(document.services):
        if service.name in given:
            raise NamedTwice(f"services.{index}.name")
        given[service.name] = service
    for pair in _pairs(document):
        for name in pair:
            given.setdefault(name, None)
    return given


def _pairs(document: ImportIn) -> list[tuple[str, str]]:
    """Return who calls whom, each pair once and none with itself."""
    of_services = ((service.name, callee) for service in document.services for callee in service.depends_on)
    of_list = ((one.caller, one.callee) for one in document.dependencies)
    return _unique(pair for pairs in (of_services, of_list) for pair in pairs if pair[0] != pair[1])


def _unique(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return list(dict.fromkeys(pairs))


def _merged(
    tx: Tx,
    project_id: ProjectId,
    name: str,
    service: ImportedService | None,
    known: Mapping[str, ServiceRow],
    done: _Done,
) -> ServiceRow:
    said = service.given() if service is not None else {"name": name}
    row = known.get(name)
    if row is None:
        done.created.append(name)
        return add_service(tx, project_id, said, ServiceSource.IMPORT)
    if service is not None and change_service(tx, row, said, ServiceSource.IMPORT):
        done.changed.append(name)
    else:
        done.unchanged += 1
    return row


def _joined(
    tx: Tx,
    rows: Mapping[str, ServiceRow],
    known: Mapping[tuple[UUID, UUID], DependencyRow],
    pair: tuple[str, str],
    done: _Done,
) -> None:
    caller, callee = rows[pair[0]], rows[pair[1]]
    row = known.get((caller.id, callee.id))
    if row is None:
        add_dependency(tx, caller, callee, DependencySource.IMPORT)
    elif not change_dependency(tx, row, pair, DependencySource.IMPORT):
        done.dependencies_unchanged += 1
        return
    done.dependencies.append(ImportedDependency(caller=pair[0], callee=pair[1]))
