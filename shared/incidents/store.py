"""Queries over incidents, by name."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    func,
    literal,
    or_,
    over,
    select,
    tuple_,
    update,
)

from shared.access.tables import MemberRow, ProjectRow, UserRow
from shared.alerts.flapping import Restless
from shared.alerts.policies import Policy, policy_of
from shared.alerts.tables import AlertRow
from shared.alerts.values import AlertStatus, Severity
from shared.incidents.errors import IncidentNotFound
from shared.incidents.lifecycle import Alerts
from shared.incidents.tables import IncidentRow, StepRow
from shared.kernel.values import IncidentId, ProjectId
from shared.platform.runtime import Tx
from shared.platform.tables import EventRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignee:
    """Whose job an incident is. Who has left the project meanwhile is still named, but is no member."""

    id: UUID
    name: str
    is_member: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """An incident with its assignee and the number of its alerts."""

    incident: IncidentRow
    assignee: Assignee | None
    alerts: int
    firing: int


def _counted() -> Select[IncidentRow, int, int, str | None, bool]:
    counts = (
        select(
            func.count().label("total"),
            func.count().filter(AlertRow.resolved.is_(False)).label("firing"),
        )
        .where(AlertRow.tenant_id == IncidentRow.tenant_id, AlertRow.incident_id == IncidentRow.id)
        .lateral()
    )
    is_member = (
        select(MemberRow.id)
        .where(
            MemberRow.tenant_id == IncidentRow.tenant_id,
            MemberRow.project_id == IncidentRow.project_id,
            MemberRow.user_id == IncidentRow.assignee_id,
            MemberRow.removed_at.is_(None),
        )
        .exists()
    )
    return (
        select(IncidentRow, counts.c.total, counts.c.firing, UserRow.name, is_member & UserRow.disabled_at.is_(None))
        .select_from(IncidentRow)
        .join(counts, onclause=counts.c.total >= 0)
        .outerjoin(UserRow, (UserRow.tenant_id == IncidentRow.tenant_id) & (UserRow.id == IncidentRow.assignee_id))
        .where(
            IncidentRow.tenant_id == bindparam("tenant"),
            IncidentRow.project_id == bindparam("project"),
            IncidentRow.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
        )
    )


# Made once: to build the statement takes as long as to run it.
COUNTED: Final = _counted()


def among(tx: Tx, project_id: ProjectId, ids: Sequence[UUID]) -> dict[str, Any]:
    """Return the parameters by which `COUNTED` gives these incidents of a project."""
    return {"tenant": tx.tenant_id, "project": project_id, "ids": list(ids)}


def counted(row: Sequence[Any]) -> Counted:
    """Return what a row says that begins with the columns of `COUNTED`."""
    incident, alerts, firing, name, is_member, *_ = row
    assignee = None
    if incident.assignee_id is not None and name is not None:
        assignee = Assignee(id=incident.assignee_id, name=name, is_member=is_member)
    return Counted(incident=incident, assignee=assignee, alerts=alerts, firing=firing)


async def get(tx: Tx, project_id: ProjectId, incident_id: IncidentId) -> Counted:
    """Return one incident. Raises `IncidentNotFound`."""
    row = (await tx.session.execute(COUNTED, among(tx, project_id, [incident_id]))).one_or_none()
    if row is None:
        raise IncidentNotFound
    return counted(row)


async def check_exists(tx: Tx, project_id: ProjectId, incident_id: IncidentId) -> None:
    """Raise `IncidentNotFound` where the project has no such incident."""
    query = select(IncidentRow.id).where(
        IncidentRow.tenant_id == tx.tenant_id, IncidentRow.project_id == project_id, IncidentRow.id == incident_id
    )
    if await tx.session.scalar(query) is None:
        raise IncidentNotFound


async def lock(tx: Tx, incident_id: UUID, project_id: ProjectId | None = None) -> IncidentRow:
    """Return an incident that nobody else can change until the transaction ends. Raises `IncidentNotFound`.

    Alerts that join meanwhile wait, so whoever moves the incident has seen them all, or is seen by them.
    """
    query = tx.select(IncidentRow).where(IncidentRow.id == incident_id).with_for_update()
    if project_id is not None:
        query = query.where(IncidentRow.project_id == project_id)
    row = await tx.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise IncidentNotFound
    return row


async def hold_alerts(tx: Tx) -> None:
    """Let no alerts join an incident of the tenant until the transaction ends, and nobody else merge."""
    await tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(tx.tenant_id), 0))))


async def lock_together(tx: Tx, project_id: ProjectId, incident_ids: Collection[UUID]) -> dict[UUID, IncidentRow]:
    """Lock incidents and all that is merged into them, in one order. Raises `IncidentNotFound` if one is missing.

    Alerts that join meanwhile do not wait, as they do for `lock`: they hold incidents in an order of their own, and
    each would wait for the other. Whoever moves alerts keeps them away by `hold_alerts`.
    """
    found = await tx.session.scalars(
        tx.select(IncidentRow)
        .where(
            IncidentRow.project_id == project_id,
            IncidentRow.id.in_(incident_ids) | IncidentRow.merged_into.in_(incident_ids),
        )
        .order_by(IncidentRow.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    rows = {row.id: row for row in found}
    if not rows.keys() >= set(incident_ids):
        raise IncidentNotFound
    return rows


async def alert_counts(tx: Tx, incident_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return how many alerts each incident has; those without any are left out."""
    rows = await tx.session.execute(
        select(AlertRow.incident_id, func.count())
        .where(AlertRow.tenant_id == tx.tenant_id, AlertRow.incident_id.in_(incident_ids))
        .group_by(AlertRow.incident_id)
    )
    return {row[0]: row[1] for row in rows if row[0]}


async def outer_alerts(tx: Tx, incident_id: UUID, *, limit: int) -> Sequence[AlertRow]:
    """Return at most so many of an incident's alerts, in order of their start.

    One half are those that started first; the other half are those of the rest that fire still, and then those that
    started last.
    """
    first = await first_alerts(tx, incident_id, limit=limit - limit // 2)
    if len(first) == limit:
        return first
    order = (AlertRow.starts_at, AlertRow.id)
    rest = await tx.session.scalars(
        tx.select(AlertRow)
        .where(AlertRow.incident_id == incident_id, tuple_(*order) > (first[-1].starts_at, first[-1].id))
        .order_by(AlertRow.resolved, *(column.desc() for column in order))
        .limit(limit - len(first))
    )
    return [*first, *sorted(rest, key=lambda row: (row.starts_at, row.id))]


async def first_alerts(tx: Tx, incident_id: UUID, *, limit: int) -> Sequence[AlertRow]:
    """Return the alerts that started first, in order of their start."""
    query = tx.select(AlertRow).where(AlertRow.incident_id == incident_id)
    return (await tx.session.scalars(query.order_by(AlertRow.starts_at, AlertRow.id).limit(limit))).all()


async def alerts_page(tx: Tx, incident_id: UUID, *, after: UUID | None, limit: int) -> Sequence[AlertRow]:
    """Return a page of an incident's alerts in the order they were stored."""
    query = tx.select(AlertRow).where(AlertRow.incident_id == incident_id).order_by(AlertRow.id).limit(limit)
    found = await tx.session.scalars(query.where(AlertRow.id > after) if after is not None else query)
    return found.all()


async def newest_alerts(
    tx: Tx,
    project_id: ProjectId,
    *,
    status: AlertStatus | None,
    held: bool | None,
    severity: Severity | None,
    service: str | None,
    window_id: UUID | None,
    before: UUID | None,
    limit: int,
) -> Sequence[AlertRow]:
    """Return the project's alerts that have fired, newest first. Held ones have no incident."""
    query = tx.select(AlertRow).where(AlertRow.project_id == project_id, AlertRow.fired)
    if status is not None:
        query = query.where(AlertRow.resolved == (status is AlertStatus.RESOLVED))
    if held is not None:
        is_held = AlertRow.held_by.is_not(None) & AlertRow.incident_id.is_(None)
        query = query.where(is_held if held else ~is_held)
    if severity is not None:
        query = query.where(AlertRow.severity == severity.value)
    if service is not None:
        query = query.where(AlertRow.service_name == service)
    if window_id is not None:
        query = query.where(AlertRow.window_id == window_id)
    if before is not None:
        query = query.where(AlertRow.id < before)
    return (await tx.session.scalars(query.order_by(AlertRow.id.desc()).limit(limit))).all()


_EPISODE: Final = (
    select(
        AlertRow.resolved,
        AlertRow.fired_at,
        AlertRow.cleared_at,
        # In one pass: of a tenant that is too new for its statistics, a subquery would compare all with all.
        over(
            func.bool_or(AlertRow.resolved),
            partition_by=(AlertRow.integration_id, AlertRow.fingerprint),
            order_by=AlertRow.starts_at,
            rows=(None, -1),
        ).label("had_cleared"),
    )
    .where(AlertRow.tenant_id == bindparam("tenant"), AlertRow.incident_id == bindparam("incident"))
    .subquery()
)
_IS_FIRING: Final = _EPISODE.c.resolved.is_(False)
_ALERT_SUMMARY: Final = select(
    func.count(),
    func.count().filter(_IS_FIRING),
    func.max(_EPISODE.c.fired_at).filter(_IS_FIRING),
    func.max(_EPISODE.c.cleared_at),
    func.max(_EPISODE.c.fired_at).filter(_IS_FIRING, _EPISODE.c.had_cleared),
).select_from(_EPISODE)


async def alert_summary(tx: Tx, incident_id: UUID) -> Alerts:
    """Return what an incident's alerts look like together."""
    row = (await tx.session.execute(_ALERT_SUMMARY, {"tenant": tx.tenant_id, "incident": incident_id})).one()
    return Alerts(total=row[0], firing=row[1], last_fired_at=row[2], last_resolved_at=row[3], last_refired_at=row[4])


async def restless_alerts(
    tx: Tx,
    incident_id: UUID,
    since: datetime,
    now: datetime,
    *,
    suspect: UUID | None = None,
    is_unsettled: bool = False,
) -> list[Restless]:
    """Return how often an incident's alerts changed since then, whatever incident their episodes belong to.

    Only of those that are flagged as flapping, and of the `suspect`, or of all that changed where the incident
    `is_unsettled`. What counts is when senders say that it happened.
    """
    key = (AlertRow.integration_id, AlertRow.fingerprint)
    cleared_at = case((AlertRow.resolved, func.coalesce(AlertRow.ends_at, AlertRow.cleared_at)))
    wanted: list[ColumnElement[bool]] = [AlertRow.flapping.is_(True)]
    wanted += [AlertRow.id == suspect] if suspect else []
    wanted += [AlertRow.starts_at > since, cleared_at > since] if is_unsettled else []
    found = await tx.session.execute(
        select(*key, func.bool_or(AlertRow.flapping))
        .where(AlertRow.tenant_id == tx.tenant_id, AlertRow.incident_id == incident_id, or_(*wanted))
        .group_by(*key)
    )
    is_flagged = {(row[0], row[1]): row[2] for row in found}
    if not is_flagged:
        return []
    # Not as a join of the table with itself: of a tenant that is too new for its statistics, it compares all with all.
    rows = await tx.session.execute(
        select(
            *key,
            func.count().filter(AlertRow.starts_at > since) + func.count().filter(cleared_at > since),
            func.least(func.max(func.greatest(AlertRow.starts_at, cleared_at)), now),
        )
        .where(
            AlertRow.tenant_id == tx.tenant_id,
            AlertRow.integration_id == any_(literal(list({one for one, _ in is_flagged}), ARRAY(Uuid()))),
            AlertRow.fingerprint == any_(literal(list({one for _, one in is_flagged}), ARRAY(Text()))),
            AlertRow.fired,
        )
        .group_by(*key)
    )
    return [
        Restless(
            integration_id=row[0],
            fingerprint=row[1],
            changes=row[2],
            last_at=row[3],
            flagged=is_flagged[row[0], row[1]],
        )
        for row in rows
        if (row[0], row[1]) in is_flagged
    ]


async def flag_alerts(tx: Tx, incident_id: UUID, restless: Iterable[Restless]) -> None:
    """Flag an incident's alerts that flap, and no others; those that are being stored, the next look flags.

    Whoever stores them holds them and may need the incident, which the caller holds: nobody may wait for them here.
    """
    flapping = tuple_(AlertRow.integration_id, AlertRow.fingerprint).in_(
        [(one.integration_id, one.fingerprint) for one in restless]
    )
    others = (
        select(AlertRow.id)
        .where(AlertRow.tenant_id == tx.tenant_id, AlertRow.incident_id == incident_id, AlertRow.flapping != flapping)
        .with_for_update(skip_locked=True)
    )
    await tx.session.execute(
        update(AlertRow)
        .where(AlertRow.tenant_id == tx.tenant_id, AlertRow.id.in_(others))
        .values(flapping=flapping)
        .execution_options(synchronize_session=False)
    )


async def policy(tx: Tx, project_id: UUID) -> Policy:
    """Return a project's policies."""
    stored = await tx.session.scalar(
        select(ProjectRow.policies).where(ProjectRow.tenant_id == tx.tenant_id, ProjectRow.id == project_id)
    )
    return policy_of(stored or {})


async def timeline_of(tx: Tx, incident_id: UUID, *, types: Collection[str], limit: int) -> Sequence[EventRow]:
    """Return an incident's first events of some types, in the order they were recorded."""
    found = await tx.session.scalars(
        tx.select(EventRow)
        .where(EventRow.incident_id == incident_id, EventRow.type.in_(types))
        .order_by(EventRow.position)
        .limit(limit)
    )
    return found.all()


async def live_events(tx: Tx, project_id: ProjectId, *, after: int, limit: int) -> Sequence[EventRow]:
    """Return a project's live events whose `seq` is greater than `after`, in order."""
    found = await tx.session.scalars(
        tx.select(EventRow)
        .where(EventRow.project_id == project_id, EventRow.seq > after)
        .order_by(EventRow.seq)
        .limit(limit)
    )
    return found.all()


async def steps_of(tx: Tx, incident_id: UUID) -> Sequence[StepRow]:
    """Return the steps of all analysis runs, in order."""
    found = await tx.session.scalars(
        tx.select(StepRow).where(StepRow.incident_id == incident_id).order_by(StepRow.run, StepRow.id)
    )
    return found.all()
