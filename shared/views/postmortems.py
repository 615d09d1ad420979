"""The draft of a postmortem, from all that is known of an incident, whichever feature knows it."""

from typing import Final

from shared.hypotheses import store as hypotheses
from shared.hypotheses.judging import Verdict
from shared.incidents import store
from shared.incidents.postmortem_draft import MAX_ALERTS, MAX_ENTRIES, AlertFact, Entry, Facts, draft
from shared.incidents.values import reference
from shared.kernel.values import ActorKind, IncidentId, ProjectId
from shared.platform.runtime import Tx
from shared.platform.tables import EventRow

_NULL_CAUSE: Final = "none"
_TELLING: Final = {"incident.created": "the incident opened", "incident.updated": "the incident changed"}


async def draft_of(tx: Tx, project_id: ProjectId, incident_id: IncidentId) -> str:
    """Return a first text for an incident's postmortem, as Markdown. Raises `IncidentNotFound`."""
    found = await store.get(tx, project_id, incident_id)
    incident = found.incident
    alerts = await store.first_alerts(tx, incident_id, limit=MAX_ALERTS)
    run = await hypotheses.shown(tx, incident_id)
    causes = [row for row in run.hypotheses if row.cause_code != _NULL_CAUSE]
    events = await store.timeline_of(tx, incident_id, types=_TELLING, limit=MAX_ENTRIES)
    return draft(
        Facts(
            reference=reference(incident.number),
            title=incident.title,
            severity=incident.severity,
            service=incident.service_name,
            started_at=incident.started_at,
            detected_at=incident.created_at,
            acknowledged_at=incident.acknowledged_at,
            mitigated_at=incident.mitigated_at,
            resolved_at=incident.resolved_at,
            alert_count=found.alerts,
            alerts=[
                AlertFact(title=row.title, severity=row.severity, starts_at=row.starts_at, ends_at=row.ends_at)
                for row in alerts
            ],
            causes=[(row.claim, round(row.confidence_score * 100)) for row in causes],
            confirmed=next((row.claim for row in run.judgements if row.verdict == Verdict.CONFIRMED.value), ""),
            timeline=[_entry(row) for row in events],
        )
    )


def _entry(row: EventRow) -> Entry:
    before, after = (row.changes.get("state") or (None, None))[:2]
    return Entry(
        at=row.at,
        what=_TELLING[row.type],
        by="" if row.actor_kind == ActorKind.SYSTEM else row.actor_name or row.actor_kind,
        move=f"{before} → {after}" if before else "",
        note=row.note,
    )
