"""Try other policies on the alerts of the last days."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from shared.access.projects import get_project
from shared.alerts.policies import policy_of
from shared.alerts.replay import MAX_REPLAYED, Past, Trial
from shared.alerts.schemas import PoliciesPatch
from shared.alerts.tables import AlertRow
from shared.kernel.values import ProjectId
from shared.platform.runtime import Tx

PREVIEWED: Final = timedelta(days=7)


async def load_trial(tx: Tx, project_id: ProjectId, given: PoliciesPatch) -> Trial:
    """Return the project's alerts of the last days, and its policies without and with what `given` says."""
    row = await get_project(tx, project_id)
    since = tx.now - PREVIEWED
    found = await tx.session.execute(
        select(
            AlertRow.id,
            AlertRow.fingerprint,
            AlertRow.labels,
            AlertRow.grouping["sent"],
            AlertRow.title,
            AlertRow.starts_at,
            AlertRow.ends_at,
            AlertRow.cleared_at,
        )
        .where(
            AlertRow.tenant_id == tx.tenant_id,
            AlertRow.project_id == project_id,
            AlertRow.id >= _first_id(since),
            AlertRow.created_at >= since,
            AlertRow.fired,
        )
        .order_by(AlertRow.id.desc())
        .limit(MAX_REPLAYED + 1)
    )
    alerts = [
        Past(
            id=one[0],
            fingerprint=one[1],
            labels=one[2],
            sent=one[3] or {},
            title=one[4],
            began_at=one[5],
            ended_at=one[6] or one[7],
        )
        for one in found
    ]
    return Trial(
        since=since,
        alerts=alerts[:MAX_REPLAYED],
        is_cut=len(alerts) > MAX_REPLAYED,
        before=policy_of(row.policies),
        after=policy_of(given.over(row.policies)),
    )


def _first_id(at: datetime) -> UUID:
    """Return the least UUIDv7 of a moment: ids are in the order of time, and indexed."""
    return UUID(int=int(at.timestamp() * 1_000) << 80)
