"""Merging: several incidents turn out to be one problem; and unmerging, when they turn out not to be.

The alerts go to the target, each with a note of where it came from, so that unmerging brings back exactly these. An
incident that is merged is closed, and whatever fires on its grouping key joins the target. There are no chains: what
was merged into a source goes along to the target, and can be taken out of there by itself.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update

from shared.alerts.policies import Policy
from shared.alerts.tables import AlertRow
from shared.alerts.values import Severity
from shared.incidents import store
from shared.incidents.commands import Move, check_in_use, move, touch, updated
from shared.incidents.errors import IncidentArchived, MergeIntoItself, NotMerged, SourceConcluded, TargetClosed
from shared.incidents.events import AlertsMoved
from shared.incidents.lifecycle import OPEN, By, State
from shared.incidents.similarity import MAX_NAMES
from shared.incidents.tables import IncidentRow
from shared.incidents.values import reference
from shared.kernel.errors import check_version
from shared.kernel.values import IncidentId, ProjectId
from shared.platform.runtime import Tx

_WORST_FIRST: Final = tuple(Severity)
_MERGEABLE: Final = OPEN | {State.RESOLVED}


async def merge_incidents(
    tx: Tx, project_id: ProjectId, target_id: UUID, source_ids: Collection[UUID], *, expected: int | None = None
) -> IncidentRow:
    """Merge incidents into an open one, and return that. `expected` is the version of it that the caller saw, or None.

    Raises `IncidentNotFound`, `MergeIntoItself`, `StaleVersion`, `PutAway`, `TargetClosed`, `SourceConcluded`.
    """
    await store.hold_alerts(tx)
    rows = await store.lock_together(tx, project_id, {target_id, *source_ids})
    if target_id in source_ids:
        raise MergeIntoItself
    target, sources = rows[target_id], [rows[one] for one in sorted(set(source_ids))]
    check_version(target.version, expected)
    _check(target, sources)
    policy = await store.policy(tx, project_id)
    is_firing = await _hand_over(tx, sources, target)
    await _name_alerts(tx, target)
    for follower in [row for row in rows.values() if row.merged_into in source_ids]:
        _lead_on(tx, follower, target)
    for source in sources:
        await _close(tx, source, target, policy)
    await _grow(tx, target, sources, policy, is_firing=is_firing)
    return target


async def unmerge_incident(
    tx: Tx, project_id: ProjectId, incident_id: IncidentId, *, expected: int | None
) -> IncidentRow:
    """Take an incident out of the one that it is merged into. It gets its alerts back, and is open if it was then.

    Raises `IncidentNotFound`, `StaleVersion`, `NotMerged`, `IncidentArchived`, `AnotherIncidentOpen`.
    """
    await store.hold_alerts(tx)
    found = (await store.get(tx, project_id, incident_id)).incident
    rows = await store.lock_together(tx, project_id, {incident_id, found.merged_into or incident_id})
    source = rows[incident_id]
    check_version(source.version, expected)
    if source.merged_into is None:
        raise NotMerged
    if source.archived_at is not None:
        raise IncidentArchived
    target = rows[source.merged_into]
    policy = await store.policy(tx, project_id)
    await _give_back(tx, source, target)
    for row in (source, target):
        await _name_alerts(tx, row)
    await _open_again(tx, source, target, policy)
    touch(tx, target)
    tx.record(updated(target, {"merged": ([source.id], [])}, f"{reference(source.number)} was taken out."))
    for row in (source, target):
        _look_at(tx, row)
    return source


def _check(target: IncidentRow, sources: Iterable[IncidentRow]) -> None:
    for row in (target, *sources):
        check_in_use(row)
    if State(target.state) not in OPEN:
        raise TargetClosed(state=target.state)
    for source in sources:
        if State(source.state) not in _MERGEABLE:
            raise SourceConcluded(incident_id=source.id, state=source.state)


async def _hand_over(tx: Tx, sources: Sequence[IncidentRow], target: IncidentRow) -> bool:
    """Give the target the sources' alerts. Returns whether one of them is firing."""
    moved = await tx.session.scalars(
        update(AlertRow)
        .where(AlertRow.tenant_id == tx.tenant_id, AlertRow.incident_id.in_([source.id for source in sources]))
        .values(merged_from=func.coalesce(AlertRow.merged_from, AlertRow.incident_id), incident_id=target.id)
        .returning(AlertRow.resolved)
        .execution_options(synchronize_session=False)
    )
    return not all(moved)


async def _name_alerts(tx: Tx, row: IncidentRow) -> None:
    """Write down the names of an incident's alerts, which are others than before."""
    name = AlertRow.labels["alertname"].astext
    found = await tx.session.scalars(
        select(name)
        .where(AlertRow.tenant_id == tx.tenant_id, AlertRow.incident_id == row.id, AlertRow.fired, name != "")
        .distinct()
        .order_by(name)
        .limit(MAX_NAMES)
    )
    row.alert_names = list(found)


async def _give_back(tx: Tx, source: IncidentRow, target: IncidentRow) -> None:
    await tx.session.execute(
        update(AlertRow)
        .where(
            AlertRow.tenant_id == tx.tenant_id,
            AlertRow.incident_id == target.id,
            AlertRow.merged_from == source.id,
        )
        .values(incident_id=source.id, merged_from=None)
        .execution_options(synchronize_session=False)
    )


def _lead_on(tx: Tx, row: IncidentRow, target: IncidentRow) -> None:
    """Take along what is merged into a source."""
    before, row.merged_into = row.merged_into, target.id
    touch(tx, row)
    tx.record(updated(row, {"merged_into": (before, target.id)}, _merged_into(target)))


async def _close(tx: Tx, source: IncidentRow, target: IncidentRow, policy: Policy) -> None:
    changes = {"merged_into": (None, target.id)}
    source.merged_into = target.id
    source.reopens = State(source.state) in OPEN
    if source.reopens:
        closing = Move(to=State.RESOLVED, note=_merged_into(target), by=By.PEOPLE, changes=changes)
        await move(tx, source, closing, policy)
    else:
        touch(tx, source)
        tx.record(updated(source, changes, _merged_into(target)))


async def _open_again(tx: Tx, source: IncidentRow, target: IncidentRow, policy: Policy) -> None:
    changes = {"merged_into": (target.id, None)}
    note = f"Taken out of {reference(target.number)}."
    source.merged_into = None
    if source.reopens:
        source.reopens = False
        opening = Move(to=State.INVESTIGATING, note=note, by=By.PEOPLE, changes=changes)
        await move(tx, source, opening, policy)
    else:
        touch(tx, source)
        tx.record(updated(source, changes, note))


async def _grow(
    tx: Tx, target: IncidentRow, sources: Sequence[IncidentRow], policy: Policy, *, is_firing: bool
) -> None:
    """Tell of what the target has become: as severe as the worst of them, and not mitigated while one of them fires."""
    changes: dict[str, tuple[object, object]] = {"merged": ([], [source.id for source in sources])}
    worst = min((Severity(row.severity) for row in (target, *sources)), key=_WORST_FIRST.index)
    if worst.value != target.severity and "severity" not in target.chosen:
        changes["severity"] = (target.severity, worst.value)
        target.severity = worst.value
    note = f"{', '.join(reference(source.number) for source in sources)} merged into this."
    if is_firing and State(target.state) is State.MITIGATED:
        await move(tx, target, Move(to=State.INVESTIGATING, note=note, by=By.PEOPLE, changes=changes), policy)
    else:
        touch(tx, target)
        tx.record(updated(target, changes, note))
    _look_at(tx, target)


def _look_at(tx: Tx, row: IncidentRow) -> None:
    """Have the machine look at an incident whose alerts are others than before."""
    tx.record(AlertsMoved(project_id=ProjectId(row.project_id), subject_id=row.id, incident_id=row.id))


def _merged_into(target: IncidentRow) -> str:
    return f"Merged into {reference(target.number)}."
