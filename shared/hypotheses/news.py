"""What has joined an incident since it was analysed, and that it is analysed again for it.

No fact queues a message of its own: the timer asks for one run for all of them. What a run has seen is kept as a
snapshot of the database, so that a fact counts as news until a run has read it, however late it was committed.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, update

from shared.changes.events import ChangeRecorded
from shared.hypotheses.assembling import near_services
from shared.hypotheses.events import AnalysisDue, EvidenceAdded, HypothesisChecked, HypothesisJudged
from shared.hypotheses.tables import AnalysisRow
from shared.hypotheses.together import one_failure
from shared.incidents import store as incidents
from shared.incidents.events import AlertFired, AlertResolved, AlertsMoved, IncidentUpdated
from shared.incidents.lifecycle import OPEN
from shared.incidents.tables import IncidentRow
from shared.kernel.values import ProjectId, TenantId, system_actor
from shared.platform.runtime import Runtime, Tx
from shared.platform.snapshots import came_after, current_snapshot
from shared.platform.tables import EventRow
from shared.platform.turns import spared

AGAIN_AFTER: Final = timedelta(seconds=30)
"""An incident is analysed by itself at most this often."""

FACTS: Final = tuple(
    event.type for event in (AlertFired, AlertResolved, AlertsMoved, EvidenceAdded, HypothesisChecked, HypothesisJudged)
)
_LATE: Final = timedelta(hours=1)  # no transaction that stores a change takes longer
_AT_ONCE: Final = 200


async def ask_again(runtime: Runtime) -> int:
    """Ask for another run of every open incident that has news; return how many that were."""
    async with runtime.system_transaction() as system:
        rested = system.now - AGAIN_AFTER
        found = await system.session.execute(
            select(AnalysisRow.tenant_id, AnalysisRow.id)
            .join(IncidentRow, (IncidentRow.tenant_id == AnalysisRow.tenant_id) & (IncidentRow.id == AnalysisRow.id))
            .where(
                IncidentRow.state.in_(OPEN),
                AnalysisRow.asked_at <= rested,
                or_(exists().where(_of_incident()), exists().where(_change_of_project())),
            )
            .order_by(AnalysisRow.asked_at)
            .limit(_AT_ONCE)
        )
        due = found.all()
    asked = 0
    for tenant_id, incident_id in due:
        one = _ask_about(runtime, TenantId(tenant_id), incident_id)
        asked += await spared(one, f"asking again about incident {incident_id}") or 0
    return asked


async def _ask_about(runtime: Runtime, tenant_id: TenantId, incident_id: UUID) -> bool:
    async with runtime.transaction(system_actor(tenant_id)) as tx:
        return await _ask(tx, incident_id)


async def has_news(tx: Tx, together: Sequence[IncidentRow], seen: str) -> bool:
    """Whether anything has joined incidents that are one failure, or was changed near them, since a snapshot."""
    ids = [row.id for row in together]
    told = and_(EventRow.incident_id.in_(ids), _is_fact(), came_after(seen))
    if await tx.session.scalar(select(exists().where(EventRow.tenant_id == tx.tenant_id, told))):
        return True
    near = await near_services(tx, together[0].project_id, {row.service_name for row in together} - {""})
    component = EventRow.data["component"].astext
    changed = and_(
        EventRow.project_id == together[0].project_id, EventRow.type == ChangeRecorded.type, came_after(seen)
    )
    if near:
        changed = and_(changed, component.in_(near))
    return bool(await tx.session.scalar(select(exists().where(EventRow.tenant_id == tx.tenant_id, changed))))


async def _ask(tx: Tx, incident_id: UUID) -> bool:
    """Ask for a run of the incident that explains this one. What has no news after all is left alone until it has."""
    together = await one_failure(tx, incident_id)
    if not together:
        return False
    own = await tx.session.get_one(AnalysisRow, (tx.tenant_id, incident_id))
    if not (await incidents.policy(tx, together[0].project_id)).auto_analyse:
        own.asked_at = tx.now  # behind all others; of its news, changes count for `_LATE` only
        return False
    now_seen: str = (await tx.session.execute(select(current_snapshot()))).scalar_one()
    if not await has_news(tx, together, own.seen):
        own.seen = now_seen
        return False
    leader_id = together[0].id
    taken = await tx.session.scalar(
        update(AnalysisRow)
        .where(
            AnalysisRow.tenant_id == tx.tenant_id,
            AnalysisRow.id.in_([leader_id, incident_id]),
            AnalysisRow.asked_at <= tx.now - AGAIN_AFTER,
        )
        .values(asked_at=tx.now)
        .returning(AnalysisRow.id)
    )
    if taken is None:
        return False
    tx.record(AnalysisDue(project_id=ProjectId(together[0].project_id), subject_id=leader_id))
    return True


def _is_fact() -> ColumnElement[bool]:
    is_link = (EventRow.type == IncidentUpdated.type) & EventRow.changes.has_key("link")
    return or_(EventRow.type.in_(FACTS), is_link)


def _of_incident() -> ColumnElement[bool]:
    return and_(
        EventRow.tenant_id == AnalysisRow.tenant_id,
        EventRow.incident_id == AnalysisRow.id,
        _is_fact(),
        came_after(AnalysisRow.seen),
    )


def _change_of_project() -> ColumnElement[bool]:
    return and_(
        EventRow.tenant_id == AnalysisRow.tenant_id,
        EventRow.project_id == AnalysisRow.project_id,
        EventRow.type == ChangeRecorded.type,
        EventRow.at > AnalysisRow.asked_at - _LATE,
        came_after(AnalysisRow.seen),
    )
