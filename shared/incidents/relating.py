"""One analysis per failure: incidents on services that depend on each other, opened at about the same time.

Both ends look when they open, each after its own commit, so whichever looks last sees the other. They link the later
incident to the earlier one, in a transaction that has locked both: the same link, and once.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import or_

from shared.alerts.policies import Related
from shared.alerts.tables import AlertRow
from shared.incidents import store
from shared.incidents.commands import updated
from shared.incidents.lifecycle import OPEN, State
from shared.incidents.merging import merge_incidents
from shared.incidents.tables import IncidentRow, LinkRow
from shared.incidents.values import LinkKind, reference
from shared.kernel.values import ProjectId
from shared.platform.runtime import Tx
from shared.services import store as services
from shared.services.graph import calls_of, neighbourhood
from shared.services.labels import calls_said
from shared.services.learning import learn
from shared.services.values import DependencySource

APART: Final = timedelta(minutes=5)
_MAX_ALERTS: Final = 100
_MAX_RELATED: Final = 50
_MAX_SHOWN: Final = 200


async def learn_services(tx: Tx, incident_id: UUID, alert_id: UUID | None = None) -> None:
    """Learn the services and calls that an incident names: by its first alerts, or by the one that is given."""
    incident = await tx.session.scalar(tx.select(IncidentRow).where(IncidentRow.id == incident_id))
    if incident is None:
        return
    query = tx.select(AlertRow).where(AlertRow.incident_id == incident_id)
    if alert_id is not None:
        query = query.where(AlertRow.id == alert_id)
    alerts = (await tx.session.scalars(query.order_by(AlertRow.id).limit(_MAX_ALERTS))).all()
    names = {incident.service_name, *(alert.service_name for alert in alerts)}
    calls = {call for alert in alerts for call in calls_said(alert.labels, alert.service_name)}
    await learn(tx, ProjectId(incident.project_id), names, calls, DependencySource.LABELS)


async def relate(tx: Tx, incident_id: UUID) -> None:
    """Link an open incident with those next to it, or attach the later ones, as the project's policy says."""
    incident = await tx.session.scalar(tx.select(IncidentRow).where(IncidentRow.id == incident_id))
    if incident is None or not incident.service_name or State(incident.state) not in OPEN:
        return
    project_id = ProjectId(incident.project_id)
    calls = calls_of((call.caller, call.callee) for call in await services.calls(tx, project_id))
    ways = neighbourhood(calls, incident.service_name)
    others = await _open_at_that_time(tx, incident, list(ways))
    if not others:
        return
    attaches = (await store.policy(tx, project_id)).related is Related.ATTACH
    if attaches:
        # Whoever moves alerts from one incident to another takes this before it locks an incident.
        await store.hold_alerts(tx)
    rows = await store.lock_together(tx, project_id, {incident_id, *(other.id for other in others)})
    incident = rows[incident_id]
    # One may have come to be of another service before it was locked.
    near = sorted((rows[other.id] for other in others if rows[other.id].service_name in ways), key=_age)
    if attaches:
        near = await _attach(tx, project_id, incident, near)
    for other in near:
        if _is_open(incident) and _is_open(other):
            await _link(tx, incident, other, ways[other.service_name])


async def related(tx: Tx, incident_id: UUID) -> Sequence[tuple[LinkRow, IncidentRow]]:
    """Return an incident's links, both ways, with the incidents at their other ends, the newest link first."""
    links = (
        await tx.session.scalars(
            tx.select(LinkRow)
            .where(
                or_(LinkRow.incident_id == incident_id, LinkRow.other_id == incident_id), LinkRow.removed_at.is_(None)
            )
            .order_by(LinkRow.id.desc())
            .limit(_MAX_SHOWN)
        )
    ).all()
    ends = [link.other_id if link.incident_id == incident_id else link.incident_id for link in links]
    found = await tx.session.scalars(tx.select(IncidentRow).where(IncidentRow.id.in_(ends)))
    rows: Mapping[UUID, IncidentRow] = {row.id: row for row in found}
    return [(link, rows[end]) for link, end in zip(links, ends, strict=True)]


async def _open_at_that_time(tx: Tx, incident: IncidentRow, names: Sequence[str]) -> Sequence[IncidentRow]:
    """Return the open incidents on these services that opened within `APART` of this one."""
    if not names:
        return ()
    found = await tx.session.scalars(
        tx.select(IncidentRow)
        .where(
            IncidentRow.project_id == incident.project_id,
            IncidentRow.service_name.in_(names),
            IncidentRow.state.in_(OPEN),
            IncidentRow.created_at.between(incident.created_at - APART, incident.created_at + APART),
        )
        .order_by(IncidentRow.created_at, IncidentRow.id)
        .limit(_MAX_RELATED)
    )
    return found.all()


async def _attach(
    tx: Tx, project_id: ProjectId, incident: IncidentRow, near: Sequence[IncidentRow]
) -> list[IncidentRow]:
    """Merge the later ones into the earliest. Returns those that people have taken up already: they are linked."""
    every = sorted((row for row in (incident, *near) if _is_open(row)), key=_age)
    later = [row for row in every[1:] if State(row.state) is State.DETECTED]
    if later:
        await merge_incidents(tx, project_id, every[0].id, {row.id for row in later})
    return [row for row in near if row not in later]


async def _link(tx: Tx, one: IncidentRow, other: IncidentRow, way: tuple[str, ...]) -> None:
    earlier, later = sorted((one, other), key=_age)
    pair = (one.id, other.id)
    known = await tx.session.scalar(
        tx.select(LinkRow).where(
            LinkRow.kind == LinkKind.RELATED.value, LinkRow.incident_id.in_(pair), LinkRow.other_id.in_(pair)
        )
    )
    if known is not None:
        return  # people may have drawn it, or taken it away
    link = LinkRow(
        tenant_id=tx.tenant_id,
        id=tx.ids.new(),
        incident_id=later.id,
        other_id=earlier.id,
        kind=LinkKind.RELATED.value,
        reason=reason_of(way),
        via=list(way),
        created_at=tx.now,
    )
    tx.session.add(link)
    said = {"id": str(link.id), "incident_id": str(later.id), "other_id": str(earlier.id), "kind": link.kind}
    for row, to in ((later, earlier), (earlier, later)):
        tx.record(updated(row, {"link": (None, said)}, f"Related to {reference(to.number)}: {link.reason}"))


def reason_of(way: Sequence[str]) -> str:
    """Return in words what a way from a caller to what it depends on means."""
    through = f", through {', '.join(way[1:-1])}" if way[1:-1] else ""
    return f"{way[0]} depends on {way[-1]}{through}."


def _is_open(row: IncidentRow) -> bool:
    return State(row.state) in OPEN


def _age(row: IncidentRow) -> tuple[object, ...]:
    return row.created_at, row.id
