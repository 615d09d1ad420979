"""The machine's own moves, set off by events."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, update

from shared.alerts.events import HoldsDue, PoliciesChanged
from shared.alerts.flapping import SPAN, calm_at, flapping
from shared.incidents import lifecycle, relating, store
from shared.incidents.commands import Move, move, updated
from shared.incidents.errors import AnotherIncidentOpen
from shared.incidents.events import AlertRepeated, AlertResolved, AlertsMoved, IncidentCreated, IncidentQuiet
from shared.incidents.lifecycle import By, State
from shared.incidents.release import release
from shared.incidents.tables import IncidentRow
from shared.kernel.events import Recorded
from shared.kernel.values import ProjectId, TenantId, system_actor
from shared.platform.runtime import Runtime, Tx
from shared.platform.turns import spared

_DUE_AT_ONCE: Final = 500


_RELEASING: Final = frozenset({HoldsDue.type, PoliciesChanged.type})
# After these any alert of an incident may turn out to flap, and after a clearing the one that cleared.
_UNSETTLING: Final = frozenset({AlertRepeated.type, AlertsMoved.type})


async def look_around(tx: Tx, event: Recorded) -> None:
    """Learn the services that a new incident, or an alert that ended, names; link a new incident with those near it.

    In a transaction of its own: it locks several incidents in one order, and who drives one holds that one first.
    """
    if event.incident_id is None:
        return
    if event.type == IncidentCreated.type:
        await relating.learn_services(tx, event.incident_id)
        await relating.relate(tx, event.incident_id)
    elif event.type == AlertResolved.type:
        await relating.learn_services(tx, event.incident_id, event.subject_id)


async def react(tx: Tx, event: Recorded) -> None:
    """Do what an event of queue `transitions` calls for."""
    driven = await release(tx, event.project_id) if event.type in _RELEASING else [event.incident_id]
    suspect = event.subject_id if event.type == AlertResolved.type else None
    for incident_id in driven:
        if incident_id is not None:  # an alert that is held resolves without one
            await drive(tx, incident_id, suspect=suspect, is_unsettled=event.type in _UNSETTLING)


async def drive(tx: Tx, incident_id: UUID, *, suspect: UUID | None = None, is_unsettled: bool = False) -> None:
    """Make the machine's next move of an incident, if there is one. Raises `IncidentNotFound`.

    It looks at what is stored and not at what an event said, so it may run at any time and any number of times. Whether
    alerts have begun to flap it asks of the `suspect`, or of all: where the incident `is_unsettled`, while one flaps,
    and before a move.
    """
    incident = await store.lock(tx, incident_id)
    if incident.merged_into is not None:
        return  # its alerts are the other's by now
    policy = await store.policy(tx, incident.project_id)
    alerts = await store.alert_summary(tx, incident_id)

    async def decide(*, of_all: bool) -> lifecycle.Decision:
        held_until = await _watch_flapping(tx, incident, suspect=suspect, is_unsettled=of_all)
        return lifecycle.drive(State(incident.state), incident.state_since, alerts, policy, tx.now, held_until)

    is_unsettled = is_unsettled or incident.flapping_until is not None
    decision = await decide(of_all=is_unsettled)
    if decision.to is not None and not is_unsettled:
        decision = await decide(of_all=True)
    if decision.to is None:
        incident.due_at = decision.due_at
        return
    try:
        async with tx.session.begin_nested():
            # What fires again is needed where people look: an archived incident comes back.
            changes = {"archived_at": (incident.archived_at, None)} if incident.archived_at else {}
            incident.archived_at = None
            moved = Move(to=decision.to, note=decision.reason, by=By.MACHINE, changes=changes)
            await move(tx, incident, moved, policy)
    except AnotherIncidentOpen:
        # The problem has an open incident of its own by now; this one stays where it is.
        await tx.session.refresh(incident)


async def _watch_flapping(
    tx: Tx, incident: IncidentRow, *, suspect: UUID | None, is_unsettled: bool
) -> datetime | None:
    """Flag an incident and its alerts while they flap, and record both edges. Returns when it would be calm, if so."""
    restless = await store.restless_alerts(
        tx, incident.id, tx.now - SPAN, tx.now, suspect=suspect, is_unsettled=is_unsettled
    )
    found = flapping(restless)
    if found or any(one.flagged for one in restless):
        await store.flag_alerts(tx, incident.id, found)
    was_flapping = incident.flapping_until is not None
    incident.flapping_until = calm_at(found) if found else None
    if was_flapping is not bool(found):
        incident.version += 1
        incident.updated_at = tx.now
        minutes = int(SPAN.total_seconds() / 60)
        note = (
            f"An alert changed {max(one.changes for one in found)} times in {minutes} minutes: held open until calm."
            if found
            else f"Calm for {minutes} minutes."
        )
        tx.record(updated(incident, {"flapping": (was_flapping, bool(found))}, note))
    return incident.flapping_until


async def queue_due(runtime: Runtime) -> int:
    """Record that the quiet period of mitigated incidents is over; the event makes the queue drive them.

    Returns how many incidents were due.
    """
    async with runtime.system_transaction() as system:
        due = (
            await system.session.execute(
                select(IncidentRow.tenant_id, IncidentRow.id)
                .where(IncidentRow.due_at <= system.now)
                .order_by(IncidentRow.due_at)
                .limit(_DUE_AT_ONCE)
            )
        ).all()
    for tenant_id, incident_id in due:
        await spared(_take_due(runtime, TenantId(tenant_id), incident_id), f"queueing incident {incident_id}")
    return len(due)


async def _take_due(runtime: Runtime, tenant_id: TenantId, incident_id: UUID) -> None:
    async with runtime.transaction(system_actor(tenant_id)) as tx:
        project_id = await tx.session.scalar(
            update(IncidentRow)
            .where(IncidentRow.tenant_id == tx.tenant_id, IncidentRow.id == incident_id, IncidentRow.due_at <= tx.now)
            .values(due_at=None)
            .returning(IncidentRow.project_id)
        )
        if project_id is not None:
            tx.record(IncidentQuiet(project_id=ProjectId(project_id), subject_id=incident_id, incident_id=incident_id))
