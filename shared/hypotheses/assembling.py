"""All that may be used to explain an incident, gathered from what is stored."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from shared.alerts.tables import AlertRow
from shared.changes.tables import ChangeRow
from shared.hypotheses import observations
from shared.hypotheses.past import confirmed_counts, past_causes
from shared.hypotheses.runbooks import runbooks_of
from shared.hypotheses.together import one_failure
from shared.hypotheses.values import Alert, Case, Change, Service
from shared.incidents import store as incidents
from shared.incidents.errors import IncidentNotFound
from shared.platform.runtime import Tx
from shared.services import store as services
from shared.services.graph import Calls, calls_of, neighbourhood

CHANGES_SINCE: Final = timedelta(hours=24)
MAX_CHANGES: Final = 60
MAX_ALERTS: Final = 1_000
"""So many alerts are read, of all incidents that are one failure: a storm must not hold up everything else."""


async def assemble_case(tx: Tx, incident_id: UUID) -> Case:
    """Return all that an analysis may use of an incident and of those that are one failure with it.

    Raises `IncidentNotFound`.
    """
    failure = await one_failure(tx, incident_id)
    incident = next((row for row in failure if row.id == incident_id), None)
    if incident is None:
        raise IncidentNotFound
    together = [incident_id, *(row.id for row in failure if row.id != incident_id)]
    alerts, unread_alerts = await _alerts(tx, together)
    observed, unread = await observations.of_incidents(tx, together)
    opened_at = min((alert.starts_at for alert in alerts), default=incident.started_at)
    calls = await _calls(tx, incident.project_id)
    named = {name for name in (incident.service_name, *(alert.service for alert in alerts)) if name}
    near = named.union(*(neighbourhood(calls, name) for name in named))
    return Case(
        incident_id=str(incident.id),
        title=incident.title,
        service=incident.service_name or None,
        opened_at=opened_at,
        at=tx.now,
        alerts=alerts,
        observations=observed,
        changes=await _changes(tx, incident.project_id, near, opened_at),
        services=tuple(Service(name=name, depends_on=tuple(sorted(calls.get(name, ())))) for name in sorted(near)),
        history=await past_causes(tx, incident),
        confirmed=await confirmed_counts(tx, incident.project_id, besides=together),
        runbooks=runbooks_of(alerts, await _service_runbooks(tx, incident.project_id, named)),
        gaps=(*unread_alerts, *unread),
    )


async def near_services(tx: Tx, project_id: UUID, names: Collection[str]) -> set[str]:
    """Return services and all that they have to do with; nothing where no map of the project says what that is."""
    calls = await _calls(tx, project_id)
    return {*names}.union(*(neighbourhood(calls, name) for name in names)) if calls else set()


async def _alerts(tx: Tx, incident_ids: Sequence[UUID]) -> tuple[tuple[Alert, ...], tuple[str, ...]]:
    """Return the alerts of incidents, and a gap if they are too many. What small incidents leave, large ones have."""
    counts = await incidents.alert_counts(tx, incident_ids)
    # A text that many alerts share is held once: 24 analyses may hold a thousand alerts each, all at the same time.
    texts = dict[str, str]()
    room, found = MAX_ALERTS, dict[UUID, list[Alert]]()
    for served, (each, count) in enumerate(sorted(counts.items(), key=lambda one: one[1])):
        rows = await incidents.outer_alerts(tx, each, limit=min(count, room // (len(counts) - served)))
        found[each] = [_alert(row, texts) for row in rows]
        room -= len(rows)
    alerts, total = tuple(alert for each in incident_ids for alert in found.get(each, ())), sum(counts.values())
    gap = (
        f"{total - len(alerts)} of {total} alerts: an analysis reads {MAX_ALERTS}, those that started first, and those"
        " that fire still or started last."
    )
    return alerts, (gap,) if len(alerts) < total else ()


async def _calls(tx: Tx, project_id: UUID) -> Calls:
    return calls_of((call.caller, call.callee) for call in await services.calls(tx, project_id))


async def _changes(tx: Tx, project_id: UUID, near: Collection[str], opened_at: datetime) -> tuple[Change, ...]:
    """The latest changes up to now of what the incident has to do with; of a project without a map, all of them."""
    query = tx.select(ChangeRow).where(
        ChangeRow.project_id == project_id, ChangeRow.at >= opened_at - CHANGES_SINCE, ChangeRow.at <= tx.now
    )
    own = query.where(ChangeRow.component.in_(near)).order_by(ChangeRow.at.desc(), ChangeRow.id).limit(MAX_CHANGES)
    rest = query.where(ChangeRow.component.not_in(near)).order_by(ChangeRow.at.desc(), ChangeRow.id)
    rows = [*await tx.session.scalars(own), *await tx.session.scalars(rest.limit(MAX_CHANGES // 4))]
    return tuple(_change(row) for row in rows)


async def _service_runbooks(tx: Tx, project_id: UUID, named: Collection[str]) -> Mapping[str, str]:
    known = await services.named(tx, project_id, named)
    return {name: row.runbook_url for name, row in known.items()}


def _change(row: ChangeRow) -> Change:
    return Change(id=str(row.id), at=row.at, kind=row.kind, component=row.component, title=row.title, detail=row.detail)


def _alert(row: AlertRow, texts: dict[str, str]) -> Alert:
    def once(named: Mapping[str, str]) -> Mapping[str, str]:
        return {texts.setdefault(name, name): texts.setdefault(value, value) for name, value in named.items()}

    return Alert(
        id=str(row.id),
        fingerprint=row.fingerprint,
        title=texts.setdefault(row.title, row.title),
        labels=once(row.labels),
        annotations=once(row.annotations),
        severity=row.severity,
        service=row.service_name or None,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        resolved=row.resolved,
        generator_url=row.generator_url,
    )
