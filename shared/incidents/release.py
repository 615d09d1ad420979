"""Held alerts, looked at again: some open incidents or join them, some wait on, some are over.

It uses the merge's own statements, so an alert that was held goes where it would have gone.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, func, or_, over, select

from shared.alerts.events import HoldsDue
from shared.alerts.holding import Fired, Hold, HoldReason, hold_again, reaches
from shared.alerts.tables import AlertRow
from shared.incidents import store
from shared.incidents.lifecycle import OPEN
from shared.incidents.merge import Sender, columns_of, lock_windows, senders_of, write
from shared.incidents.tables import IncidentRow
from shared.kernel.values import ProjectId, TenantId, system_actor
from shared.platform.database import RawConnection, TryAgain, driver_connection
from shared.platform.runtime import Runtime, Tx
from shared.platform.turns import spared

_MAX_AT_ONCE: Final = 5_000
_PROJECTS_AT_ONCE: Final = 500
_TRIES: Final = 3

_AS_STORED: Final = (
    *("fingerprint", "fired", "resolved", "severity", "title", "service_name", "labels", "annotations"),
    *("generator_url", "content_hash", "grouping", "cut"),
)

# Two releases of one project at a time would each miss what the other one opens.
_ONE_AT_A_TIME: Final = "select pg_advisory_xact_lock(hashtextextended(%(project)s, 9))"


async def release(tx: Tx, project_id: UUID) -> Sequence[UUID]:
    """Look at a project's held alerts again, and return incidents that such alerts joined after they had resolved.

    It goes by what is stored, so it may run at any time and any number of times. Raises `TryAgain` when incidents and
    windows keep changing under it.
    """
    connection = await driver_connection(tx.session)
    await connection.execute(_ONE_AT_A_TIME, {"project": str(project_id)})
    rows = await _waiting(tx, project_id)
    if not rows:
        return ()
    for _ in range(_TRIES - 1):
        try:
            # What a try has written before it found out is taken back: the next one begins where this one did.
            async with connection.transaction():
                return await _settle(tx, connection, rows)
        except TryAgain:
            continue
    return await _settle(tx, connection, rows)


async def queue_due_holds(runtime: Runtime) -> int:
    """Record for each project whose held alerts are due that they are; the event makes the queue release them.

    Returns how many projects there were.
    """
    async with runtime.system_transaction() as system:
        due = (
            await system.session.execute(
                select(AlertRow.tenant_id, AlertRow.project_id)
                .where(AlertRow.held_until <= system.now)
                .distinct()
                .order_by(AlertRow.tenant_id, AlertRow.project_id)
                .limit(_PROJECTS_AT_ONCE)
            )
        ).all()
    for tenant_id, ours in groupby(due, key=lambda pair: pair[0]):
        record = _record_due(runtime, TenantId(tenant_id), [project_id for _, project_id in ours])
        await spared(record, f"queueing the held alerts of tenant {tenant_id}")
    return len(due)


async def _record_due(runtime: Runtime, tenant_id: TenantId, project_ids: Iterable[UUID]) -> None:
    async with runtime.transaction(system_actor(tenant_id)) as tx:
        for project_id in project_ids:
            tx.record(HoldsDue(project_id=ProjectId(project_id), subject_id=project_id))


async def _settle(tx: Tx, connection: RawConnection, rows: Sequence[AlertRow]) -> Sequence[UUID]:
    """Decide about held alerts and store it. Raises `TryAgain` when an incident or a window changed meanwhile."""
    senders = await senders_of(connection, tx.tenant_id, {row.integration_id for row in rows}, tx.now)
    held = _looked_at(rows, senders[0], tx.now)
    payload = [_columns(row, senders[0], held[row.id], tx.now) for row in rows]
    await lock_windows(connection, tx.tenant_id, payload, senders)
    # What waits for its threshold joins an incident that is open by now.
    tried = [one for one in payload if one.get("held_by") != HoldReason.SUPPRESSED]
    common = {"tenant": tx.tenant_id, "now": tx.now, "trace": tx.trace}
    joined = {*(await write(connection, common, tried))} if tried else set()
    if any(found is None and row_id not in joined for row_id, found in held.items()):
        raise TryAgain
    for row in rows:
        if row.id not in joined and (found := held[row.id]) is not None:
            row.held_by, row.held_until, row.window_id = found.reason.value, found.until, found.window_id
    ended = await tx.session.scalars(
        select(AlertRow.incident_id)
        .where(AlertRow.tenant_id == tx.tenant_id, AlertRow.id.in_(joined), AlertRow.resolved)
        .distinct()
        .order_by(AlertRow.incident_id)  # in which others lock incidents too
    )
    return [one for one in ended if one is not None]


async def _waiting(tx: Tx, project_id: UUID) -> Sequence[AlertRow]:
    """Return what something may become of now, in the order in which rows are locked.

    That is what is due, what waits for its threshold where enough of its key began close together, and what waits
    beside an incident of its key. All others wait on, however many they are.
    """
    threshold = (await store.policy(tx, project_id)).threshold
    is_due = AlertRow.held_until <= tx.now
    may_count = (AlertRow.held_by == HoldReason.THRESHOLD) & (
        AlertRow.resolved.is_(False) | AlertRow.held_until.is_not(None)
    )
    alike = over(
        func.lead(AlertRow.starts_at, threshold.count - 1),
        partition_by=AlertRow.held_key,
        order_by=AlertRow.starts_at,
    )
    waiting = (
        select(
            AlertRow.id,
            AlertRow.held_key,
            is_due.label("is_due"),
            (alike - AlertRow.starts_at <= threshold.window).label("reaches"),
        )
        .where(
            AlertRow.tenant_id == tx.tenant_id,
            AlertRow.project_id == project_id,
            AlertRow.held_by.is_not(None),
            AlertRow.incident_id.is_(None),
            or_(is_due, may_count),
        )
        .cte("waiting")
    )
    has_incident = exists().where(
        IncidentRow.tenant_id == tx.tenant_id,
        IncidentRow.project_id == project_id,
        IncidentRow.grouping_key == waiting.c.held_key,
        or_(IncidentRow.state.in_(OPEN), IncidentRow.resolved_at.is_not(None), IncidentRow.merged_into.is_not(None)),
    )
    reached = select(waiting.c.held_key).where(waiting.c.reaches)
    ids = (
        select(waiting.c.id)
        .where(or_(waiting.c.is_due, waiting.c.held_key.in_(reached), has_incident))
        .order_by(waiting.c.is_due.desc().nulls_last(), waiting.c.id.desc())
        .limit(_MAX_AT_ONCE)
    )
    found = await tx.session.scalars(
        tx.select(AlertRow).where(AlertRow.id.in_(ids)).execution_options(populate_existing=True)
    )
    return sorted(found, key=lambda row: (row.integration_id, row.fingerprint, row.starts_at))


def _looked_at(rows: Iterable[AlertRow], sender: Sender, now: datetime) -> dict[UUID, Hold | None]:
    """Return how each alert is held from now on. Those of a key that reach the threshold are all free."""
    held: dict[UUID, Hold | None] = {}
    waiting: defaultdict[str, list[AlertRow]] = defaultdict(list)
    threshold = sender.policy.threshold
    for row in rows:
        before = Hold(reason=HoldReason(str(row.held_by)), window_id=row.window_id, until=row.held_until)
        alert = Fired(labels=row.labels, starts_at=row.starts_at, resolved=row.resolved, ends_at=row.ends_at)
        found = held[row.id] = hold_again(alert, before, sender.windows, threshold, now)
        if found is not None and found.reason is HoldReason.THRESHOLD:
            waiting[row.held_key or ""].append(row)
    for alike in waiting.values():
        if reaches((row.starts_at for row in alike), threshold.count, threshold.window):
            held.update(dict.fromkeys(row.id for row in alike))
    return held


def _columns(row: AlertRow, sender: Sender, held: Hold | None, now: datetime) -> dict[str, Any]:
    """Return a stored alert as the merge takes it."""
    plain = {name: getattr(row, name) for name in _AS_STORED}
    return {
        **plain,
        "integration_id": str(row.integration_id),
        "project_id": str(row.project_id),
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat() if row.ends_at else None,
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
        "grouping_key": row.held_key,
        "reopen_since": (now - sender.policy.reopen_window).isoformat(),
        **columns_of(held),
    }
