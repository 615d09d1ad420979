"""What people do to incidents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from shared.alerts.policies import Policy
from shared.incidents import lifecycle, store
from shared.incidents.errors import AnotherIncidentOpen, IncidentArchived, IncidentMerged
from shared.incidents.events import IncidentUpdated
from shared.incidents.lifecycle import By, State
from shared.incidents.tables import IncidentRow
from shared.kernel.errors import check_version
from shared.kernel.values import IncidentId, ProjectId
from shared.platform.database import AlreadyTaken, translated
from shared.platform.runtime import Tx

_REACHED: Final = {
    State.ACKNOWLEDGED: "acknowledged_at",
    State.MITIGATED: "mitigated_at",
    State.RESOLVED: "resolved_at",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A move to make: where to, why, by whom, and what else has changed with it (field: before and after)."""

    to: State
    note: str
    by: By
    changes: Mapping[str, tuple[object, object]] = field(default_factory=dict)


async def transition(
    tx: Tx, project_id: ProjectId, incident_id: IncidentId, *, to: State, note: str, expected: int | None
) -> IncidentRow:
    """Move an incident as a person. `expected` is the version that the person saw, or None.

    Raises `IncidentNotFound`, `StaleVersion`, `PutAway`, `IllegalTransition`, `NoteNeeded`, `AnotherIncidentOpen`.
    """
    incident = await store.lock(tx, incident_id, project_id)
    check_version(incident.version, expected)
    check_in_use(incident)
    policy = await store.policy(tx, incident.project_id)
    await move(tx, incident, Move(to=to, note=note, by=By.PEOPLE), policy)
    return incident


def check_in_use(incident: IncidentRow) -> None:
    """Let people change an incident, unless it was put away. Raises `PutAway`."""
    if incident.merged_into is not None:
        raise IncidentMerged(merged_into=incident.merged_into)
    if incident.archived_at is not None:
        raise IncidentArchived


def touch(tx: Tx, incident: IncidentRow) -> None:
    """Count a change of a locked incident."""
    incident.updated_at = tx.now
    incident.version += 1


async def move(tx: Tx, incident: IncidentRow, wanted: Move, policy: Policy) -> None:
    """Move a locked incident and record it. The one place where a state changes."""
    source = State(incident.state)
    lifecycle.check(source, wanted.to, by=wanted.by, note=wanted.note)
    incident.state = wanted.to.value
    incident.state_since = tx.now
    touch(tx, incident)
    if (column := _REACHED.get(wanted.to)) is not None:
        setattr(incident, column, tx.now)
    if wanted.to is State.DETECTED:
        incident.acknowledged_at = None  # somebody has to, again
    if wanted.to is State.INVESTIGATING:
        incident.mitigated_at = incident.resolved_at = None  # it is neither, again; the timeline has when it was
    incident.due_at = incident.flapping_until or _due(wanted.to, tx, policy.quiet_period)
    try:
        with translated():
            await tx.session.flush()
    except AlreadyTaken:
        raise AnotherIncidentOpen from None
    tx.record(updated(incident, {"state": (source.value, wanted.to.value), **wanted.changes}, wanted.note))


def updated(incident: IncidentRow, changes: Mapping[str, tuple[object, object]], note: str = "") -> IncidentUpdated:
    """Return the fact that an incident changed, as live clients are told."""
    return IncidentUpdated(
        project_id=ProjectId(incident.project_id),
        subject_id=incident.id,
        incident_id=incident.id,
        data=told(incident),
        changes=changes,
        note=note,
    )


def told(incident: IncidentRow) -> dict[str, object]:
    """Return what live clients are told of an incident."""
    return {
        "id": incident.id,
        "title": incident.title,
        "severity": incident.severity,
        "state": incident.state,
        "version": incident.version,
    }


def _due(state: State, tx: Tx, quiet_period: timedelta) -> datetime | None:
    return tx.now + quiet_period if state is State.MITIGATED else None
