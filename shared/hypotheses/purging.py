"""Purging incidents that are over for longer than their tenant keeps them, with all that hangs on them.

A timer's work, in bounded steps, each a transaction of its own that asks again whether anything may go. It stands above
incidents because an analysis may explain several of them.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import DateTime, Integer, Row, Uuid, bindparam, delete, func, or_, select, text

from shared.access.tables import TenantRow
from shared.alerts.tables import IS_LOOSE, AlertRow
from shared.hypotheses.purging_sql import LOOK
from shared.incidents import store
from shared.incidents.events import IncidentPurged
from shared.incidents.lifecycle import OPEN
from shared.incidents.tables import IncidentRow
from shared.kernel.values import ProjectId, TenantId, system_actor
from shared.platform.faults import fault
from shared.platform.runtime import Runtime, Tx
from shared.platform.turns import spared

_STEP: Final = 25  # incidents that a step looks at; alerts wait while it deletes them
_STEP_ALERTS: Final = 2_000
_MAX_STEPS: Final = 40  # for one tenant and run; the next run goes on
_RUN_SECONDS: Final = 120.0  # a host ends a run after five minutes

_TIME: Final = DateTime(timezone=True)
_LOOK: Final = text(LOOK).bindparams(
    bindparam("tenant", type_=Uuid()),
    bindparam("limit", type_=_TIME),
    bindparam("after_at", type_=_TIME),
    bindparam("after_id", type_=Uuid()),
    bindparam("most", type_=Integer()),
)


@dataclass(frozen=True, slots=True)
class Place:
    """How far a run has looked: an incident's last change and its id."""

    at: datetime
    id: UUID


_BEGINNING: Final = Place(datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))


class TouchedMeanwhile(Exception):
    """Somebody changed an incident that was about to be purged. Nothing of the step has happened."""


async def purge_due(runtime: Runtime) -> int:
    """Purge what is due of tenants, in any order, for two minutes at most. Returns how many. Raises `Unavailable`."""
    ends = time.monotonic() + _RUN_SECONDS
    async with runtime.system_transaction() as system:
        is_due = TenantRow.incident_retention_days.is_not(None) & TenantRow.legal_hold.is_(False)
        tenants = (await system.session.scalars(select(TenantRow.id).where(is_due).order_by(func.random()))).all()
    done = [
        await spared(purge(runtime, TenantId(one), ends=ends), f"purging the incidents of tenant {one}")
        for one in tenants
    ]
    return sum(count or 0 for count in done)


async def purge(runtime: Runtime, tenant_id: TenantId, *, ends: float, step: int = _STEP) -> int:
    """Purge what a tenant keeps no longer, until `ends` of the monotonic clock. Returns how many incidents.

    A step looks at `step` incidents. Raises `TouchedMeanwhile`, after which the next run goes on, and `Unavailable`.
    """
    purged, place = 0, _BEGINNING
    for _ in range(_MAX_STEPS):
        if time.monotonic() >= ends:
            break
        async with runtime.transaction(system_actor(tenant_id), privileged=True) as tx:
            limit = await _limit(tx)
            if limit is None:
                break
            looked = await _look(tx, limit, place, step)
            going = _together(looked)
            if going:
                await _delete(tx, going, limit)
            loose = await _delete_loose(tx, limit)
            fault("purge.before_commit")
        purged += len(going)
        if looked:
            place = Place(looked[-1].updated_at, looked[-1].id)
        if len(looked) < step and loose < _STEP_ALERTS:
            break
    return purged


async def _limit(tx: Tx) -> datetime | None:
    """Return since when incidents are kept; None where all are."""
    query = select(TenantRow.incident_retention_days, TenantRow.legal_hold).where(TenantRow.id == tx.tenant_id)
    days, is_held = (await tx.session.execute(query)).one()
    return None if is_held or days is None else tx.now - timedelta(days=days)


async def _look(tx: Tx, limit: datetime, place: Place, most: int) -> Sequence[Row[Any]]:
    given = {"tenant": tx.tenant_id, "limit": limit, "after_at": place.at, "after_id": place.id, "most": most}
    return (await tx.session.execute(_LOOK, given)).all()


def _together(looked: Iterable[Row[Any]]) -> set[UUID]:
    return {one for row in looked if row.may_go for one in row.family}


async def _delete(tx: Tx, ids: set[UUID], limit: datetime) -> None:
    """Delete incidents; what hangs on them goes by its foreign keys, but for alerts, which no key would delete.

    Alerts wait, for one that opens an incident looks for the one before, to link it. Raises `TouchedMeanwhile`.
    """
    await store.hold_alerts(tx)
    given = AlertRow.tenant_id == tx.tenant_id, AlertRow.incident_id.in_(ids)
    await tx.session.execute(delete(AlertRow).where(*given).execution_options(synchronize_session=False))
    gone = await tx.session.execute(
        delete(IncidentRow)
        .where(
            IncidentRow.tenant_id == tx.tenant_id,
            IncidentRow.id.in_(ids),
            IncidentRow.state.not_in(OPEN),
            IncidentRow.updated_at < limit,
        )
        .returning(IncidentRow.number, IncidentRow.id, IncidentRow.project_id)
        .execution_options(synchronize_session=False)
    )
    rows = sorted(gone.all())
    if len(rows) < len(ids):
        raise TouchedMeanwhile
    for number, incident_id, project_id in rows:
        tx.record(IncidentPurged(project_id=ProjectId(project_id), subject_id=incident_id, data={"number": number}))


async def _delete_loose(tx: Tx, limit: datetime) -> int:
    """Delete alerts that are over and never had an incident; return how many."""
    old = (
        select(AlertRow.id)
        .where(
            AlertRow.tenant_id == tx.tenant_id,
            text(IS_LOOSE),
            AlertRow.starts_at < limit,
            or_(AlertRow.ends_at.is_(None), AlertRow.ends_at < limit),
        )
        .order_by(AlertRow.starts_at)
        .limit(_STEP_ALERTS)
    )
    gone = await tx.session.scalars(
        delete(AlertRow)
        .where(AlertRow.tenant_id == tx.tenant_id, AlertRow.id.in_(old))
        .returning(AlertRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())
