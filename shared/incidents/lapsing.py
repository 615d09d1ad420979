"""Alerts that nobody repeats any more: the machine takes them for resolved, until their sender repeats them.

A sender that says until when an alert fires (Prometheus itself does) ends it by saying no more.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Final
from uuid import UUID

from sqlalchemy import select

from shared.alerts.tables import AlertRow
from shared.incidents.events import AlertResolved
from shared.kernel.values import ProjectId, TenantId, system_actor
from shared.platform.runtime import Runtime, Tx
from shared.platform.turns import spared

_MAX_AT_ONCE: Final = 2_000


async def expire_due(runtime: Runtime) -> int:
    """Take alerts for resolved whose time is over. Returns how many there were."""
    async with runtime.system_transaction() as system:
        due = (
            await system.session.execute(
                select(AlertRow.tenant_id, AlertRow.id)
                .where(AlertRow.expires_at <= system.now, ~AlertRow.resolved)
                .order_by(AlertRow.expires_at)
                .limit(_MAX_AT_ONCE)
            )
        ).all()
    lapsed = 0
    for tenant_id, ours in groupby(sorted(due), key=lambda pair: pair[0]):
        expired = _expire(runtime, TenantId(tenant_id), [row_id for _, row_id in ours])
        lapsed += await spared(expired, f"expiring the alerts of tenant {tenant_id}") or 0
    return lapsed


async def _expire(runtime: Runtime, tenant_id: TenantId, ids: Sequence[UUID]) -> int:
    async with runtime.transaction(system_actor(tenant_id)) as tx:
        # Whoever repeats an alert at this moment holds its row; it is not over then.
        rows = await tx.session.scalars(
            tx.select(AlertRow)
            .where(AlertRow.id.in_(ids), AlertRow.expires_at <= tx.now, ~AlertRow.resolved)
            .with_for_update(skip_locked=True)
        )
        found = rows.all()
        lapse(tx, found, "Its time is over, and nobody repeated it.")
        return len(found)


def lapse(tx: Tx, alerts: Sequence[AlertRow], reason: str) -> None:
    """Take locked alerts for resolved, and record why."""
    for row in alerts:
        row.resolved, row.missing_since = True, None
        row.lapsed_at = row.cleared_at = tx.now
        tx.record(
            AlertResolved(
                project_id=ProjectId(row.project_id),
                subject_id=row.id,
                incident_id=row.incident_id,
                data={
                    "id": row.id,
                    "incident_id": row.incident_id,
                    "fingerprint": row.fingerprint,
                    "title": row.title,
                    "severity": row.severity,
                    "status": "resolved",
                },
                note=reason,
            )
        )
