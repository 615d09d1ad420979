"""Plan what to tell, set off by events: one delivery for each event and channel, however often the event comes."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.alerts.values import Severity
from shared.hypotheses import store as hypotheses
from shared.incidents.tables import IncidentRow
from shared.incidents.values import reference
from shared.kernel.events import Recorded
from shared.notifications.tables import ChannelRow, DeliveryRow
from shared.notifications.values import TEST, DeliveryStatus, Notice, Topic, is_told, is_wanted, told_changes
from shared.platform.runtime import Tx

_MAX_CAUSES: Final = 3
_ALL: Final = 100
_BEFORE_SPENT: Final = "Once all of it is spent, hypotheses come from rules alone."
_SPENT: Final = "Hypotheses come from rules alone until the next month, or until the tenant's owner raises the limit."


async def plan(tx: Tx, event: Recorded) -> list[UUID]:
    """Plan the deliveries of an event, and return those that are new."""
    if not is_told(event.type, event.changes):
        return []
    channels = await _listening(tx, event)
    notice = await _notice(tx, event) if channels else None
    if notice is None:
        return []
    planned = [
        {**_delivery(tx, channel, notice), "event_id": event.id, "incident_id": event.incident_id}
        for channel in channels
        if is_wanted(notice, channel.events, Severity(channel.min_severity))
    ]
    if not planned:
        return []
    made = await tx.session.scalars(
        upsert(DeliveryRow).values(planned).on_conflict_do_nothing().returning(DeliveryRow.id)
    )
    return list(made.all())


async def plan_test(tx: Tx, channel: ChannelRow) -> UUID:
    """Plan a delivery that says nothing but that the channel works."""
    notice = Notice(type=TEST, at=tx.now.isoformat(), title=f"Channel “{channel.name}” works.")
    planned = _delivery(tx, channel, notice)
    await tx.session.execute(insert(DeliveryRow).values(planned))
    return UUID(str(planned["id"]))


async def _listening(tx: Tx, event: Recorded) -> Sequence[ChannelRow]:
    """The channels that chose such events: the project's, or for the budget that all projects share, the tenant's."""
    listening = tx.select(ChannelRow).where(ChannelRow.enabled.is_(True), ChannelRow.events.contains([event.type]))
    if event.type != Topic.BUDGET_REACHED:
        listening = listening.where(ChannelRow.project_id == event.project_id)
    return (await tx.session.scalars(listening)).all()


async def _notice(tx: Tx, event: Recorded) -> Notice | None:
    """Return what is told; nothing of an incident that is no more."""
    if event.type == Topic.BUDGET_REACHED:
        return _budget_notice(event)
    incident = await tx.session.scalar(tx.select(IncidentRow).where(IncidentRow.id == event.incident_id))
    return None if incident is None else await _incident_notice(tx, event, incident)


def _budget_notice(event: Recorded) -> Notice:
    """Return what all projects may know: how far the budget is spent. Its dollars are the tenant's owner's to see."""
    percent = int(event.data["percent"])
    return Notice(
        type=event.type,
        at=event.at.isoformat(),
        title=_SPENT if percent >= _ALL else _BEFORE_SPENT,
        budget={"month": str(event.data["month"]), "percent": percent},
    )


async def _incident_notice(tx: Tx, event: Recorded, incident: IncidentRow) -> Notice:
    """Return what is told: what the event itself says of the incident, and where it says nothing, what is stored."""
    said = {name: str(event.data.get(name, getattr(incident, name))) for name in ("title", "severity", "state")}
    return Notice(
        title=said["title"],
        severity=said["severity"],
        state=said["state"],
        type=event.type,
        at=event.at.isoformat(),
        incident_id=str(incident.id),
        reference=reference(incident.number),
        service=incident.service_name,
        changes=told_changes(event.type, event.changes),
        causes=await _causes(tx, incident.id) if event.type == Topic.HYPOTHESIS_GENERATED else (),
    )


async def _causes(tx: Tx, incident_id: UUID) -> tuple[tuple[str, int], ...]:
    run = await hypotheses.shown(tx, incident_id)
    return tuple((row.claim, round(row.confidence_score * 100)) for row in run.hypotheses[:_MAX_CAUSES])


def _delivery(tx: Tx, channel: ChannelRow, notice: Notice) -> dict[str, Any]:
    return {
        "tenant_id": tx.tenant_id,
        "id": tx.ids.new(),
        "channel_id": channel.id,
        "event_type": notice.type,
        "notice": asdict(notice),
        "status": DeliveryStatus.PENDING.value,
        "attempts": 0,
        "error": "",
        "created_at": tx.now,
        "due_at": tx.now,
    }
