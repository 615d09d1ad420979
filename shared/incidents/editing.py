"""Incidents by hand: opened, edited, assigned, put into the archive and taken out again."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from shared.access.tables import MemberRow, UserRow
from shared.alerts.values import Severity
from shared.incidents import store
from shared.incidents.commands import check_in_use, told, touch, updated
from shared.incidents.errors import AssigneeUnknown, IncidentOpen
from shared.incidents.events import IncidentCreated
from shared.incidents.lifecycle import OPEN, State
from shared.incidents.schemas import IncidentIn, IncidentPatch
from shared.incidents.tables import IncidentRow, StepRow
from shared.kernel.errors import check_version
from shared.kernel.values import IncidentId, ProjectId
from shared.platform.runtime import Tx
from shared.platform.tables import CounterRow

_EDITABLE: Final = ("title", "description", "severity", "service_name", "labels", "assignee_id")
_ALERTS_SAY: Final = frozenset({"title", "severity", "service_name"})  # until a person says otherwise


async def open_incident(tx: Tx, project_id: ProjectId, given: IncidentIn) -> IncidentRow:
    """Open an incident without alerts. The machine analyses it as any other. Raises `AssigneeUnknown`."""
    await _check_assignee(tx, project_id, given.assignee_id)
    incident_id = tx.ids.new()
    row = IncidentRow(
        tenant_id=tx.tenant_id,
        id=incident_id,
        project_id=project_id,
        number=await _next_number(tx, project_id),
        grouping_key=f"manual:{incident_id}",
        state=State.DETECTED.value,
        state_since=tx.now,
        started_at=tx.now,
        lead_fingerprint="",
        chosen=sorted(_ALERTS_SAY),
        version=1,
        created_at=tx.now,
        updated_at=tx.now,
        **{field: _plain(getattr(given, field)) for field in _EDITABLE},
    )
    tx.session.add(row)
    await tx.session.flush()
    detail = {"reason": "opened by hand"}
    step = {"run": 1, "step_type": "alert_received", "status": "skipped", "started_at": tx.now, "finished_at": tx.now}
    tx.session.add(StepRow(tenant_id=tx.tenant_id, id=tx.ids.new(), incident_id=row.id, detail=detail, **step))
    said = {"state": row.state, **_shown(row)}
    tx.record(
        IncidentCreated(
            project_id=project_id,
            subject_id=row.id,
            incident_id=row.id,
            data=told(row),
            changes={field: (None, value) for field, value in said.items() if value},
        )
    )
    return row


async def edit(
    tx: Tx, project_id: ProjectId, incident_id: IncidentId, given: IncidentPatch, *, expected: int | None
) -> IncidentRow:
    """Change what `given` names. What people choose, alerts that come later leave alone.

    Raises `IncidentNotFound`, `StaleVersion`, `PutAway`, `AssigneeUnknown`.
    """
    row = await store.lock(tx, incident_id, project_id)
    check_version(row.version, expected)
    check_in_use(row)
    if given.assignee_id != row.assignee_id:
        await _check_assignee(tx, project_id, given.assignee_id)
    before = _shown(row)
    for field in given.model_fields_set:
        setattr(row, field, _plain(getattr(given, field)))
    changes = {field: (before[field], now) for field, now in _shown(row).items() if before[field] != now}
    if changes:
        row.chosen = sorted({*row.chosen, *(changes.keys() & _ALERTS_SAY)})
        touch(tx, row)
        tx.record(updated(row, changes))
    return row


async def archive(tx: Tx, project_id: ProjectId, incident_id: IncidentId, *, expected: int | None) -> None:
    """Take a closed incident out of the lists. Raises `IncidentNotFound`, `StaleVersion`, `IncidentOpen`."""
    row = await store.lock(tx, incident_id, project_id)
    check_version(row.version, expected)
    if State(row.state) in OPEN:
        raise IncidentOpen(state=row.state)
    if row.archived_at is None:
        row.archived_at = tx.now
        touch(tx, row)
        tx.record(updated(row, {"archived_at": (None, row.archived_at)}))


async def restore(tx: Tx, project_id: ProjectId, incident_id: IncidentId, *, expected: int | None) -> None:
    """Put an archived incident back into the lists. Raises `IncidentNotFound`, `StaleVersion`."""
    row = await store.lock(tx, incident_id, project_id)
    check_version(row.version, expected)
    if row.archived_at is not None:
        before, row.archived_at = row.archived_at, None
        touch(tx, row)
        tx.record(updated(row, {"archived_at": (before, None)}))


def _shown(row: IncidentRow) -> Mapping[str, Any]:
    return {field: getattr(row, field) for field in _EDITABLE}


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Severity) else value


async def _next_number(tx: Tx, project_id: ProjectId) -> int:
    number: int | None = await tx.session.scalar(
        update(CounterRow)
        .where(CounterRow.tenant_id == tx.tenant_id, CounterRow.project_id == project_id, CounterRow.name == "incident")
        .values(value=CounterRow.value + 1)
        .returning(CounterRow.value)
    )
    if number is None:
        raise RuntimeError("a project without a counter of incidents")
    return number


async def _check_assignee(tx: Tx, project_id: ProjectId, user_id: UUID | None) -> None:
    if user_id is None:
        return
    member = (
        select(MemberRow.id)
        .join(UserRow, (UserRow.tenant_id == MemberRow.tenant_id) & (UserRow.id == MemberRow.user_id))
        .where(
            MemberRow.tenant_id == tx.tenant_id,
            MemberRow.project_id == project_id,
            MemberRow.user_id == user_id,
            MemberRow.removed_at.is_(None),
            UserRow.disabled_at.is_(None),
        )
    )
    if await tx.session.scalar(member) is None:
        raise AssigneeUnknown
