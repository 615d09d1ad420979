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
from shared.kernel.events import Recorded
from shared.notifications.tables import ChannelRow, DeliveryRow
from shared.notifications.values import TEST, DeliveryStatus, Notice, Topic, is_told, is_wanted, told_changes
from shared.platform.runtime import Tx

_MOST_CAUSES: Final = 3


async def plan(tx: Tx, event: Recorded) -> list[UUID]:
    """Plan the deliveries of an event, and return those that are new."""
    if not is_told(event.type, event.changes):
        return []
    channels = await _listening(tx, event)
    incident = await tx.session.scalar(tx.select(IncidentRow).where(IncidentRow.id == event.incident_id))
    if not channels or incident is None:
        return []
    notice = await _notice(tx, event, incident)
    planned = [
        {**_delivery(tx, channel, notice), "event_id": event.id, "incident_id": incident.id}
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
    found = await tx.session.scalars(
        tx.select(ChannelRow).where(
            ChannelRow.project_id == event.project_id,
            ChannelRow.enabled.is_(True),
            ChannelRow.events.contains([event.type]),
        )
    )
    return found.all()


async def _notice(tx: Tx, event: Recorded, incident: IncidentRow) -> Notice:
    """Return what is told: what the event itself says of the incident, and where it says nothing, what is stored."""
    said = {name: str(event.data.get(name, getattr(incident, name))) for name in ("title", "severity", "state")}
    return Notice(
        **said,
        type=event.type,
        at=event.at.isoformat(),
        incident_id=str(incident.id),
        reference=f"INC-{incident.number}",
        service=incident.service_name,
        changes=told_changes(event.type, event.changes),
        causes=await _causes(tx, incident.id) if event.type == Topic.HYPOTHESIS_GENERATED else (),
    )


async def _causes(tx: Tx, incident_id: UUID) -> tuple[tuple[str, int], ...]:
    run = await hypotheses.shown(tx, incident_id)
    return tuple((row.claim, round(row.confidence_score * 100)) for row in run.hypotheses[:_MOST_CAUSES])


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
