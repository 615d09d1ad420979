"""Letting go of what has been kept long enough: a timer's work, in small steps by turns, for a bounded time.

Of the event log only what is delivered goes, and what belongs to an incident stays as long as that: it is its timeline.
Seals stay, so that the days that remain can be proven.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import batched, groupby
from typing import Any, Final

from sqlalchemy import delete, func, or_, select, update

from shared.access.tables import TenantRow
from shared.audit.tables import CountRow, SealRow
from shared.audit.values import begins, day_of
from shared.incidents.tables import IncidentRow
from shared.kernel.values import TenantId, system_actor
from shared.platform.call_audit import partition_of
from shared.platform.runtime import Runtime, Tx
from shared.platform.table_store import API_CALLS
from shared.platform.tables import EventRow
from shared.platform.turns import in_turn

_NOBODYS_DAYS: Final = 365  # for calls that no tenant owns
_STEP_CALLS: Final = 1_000
_STEP_EVENTS: Final = 2_000
_RUN_SECONDS: Final = 240.0  # a host ends a run after five minutes; the next run goes on
_AT_ONCE: Final = 4
_TRANSACTION_ROWS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """What a run let go of."""

    calls: int = 0
    changes: int = 0

    def __add__(self, other: "Expired") -> "Expired":
        return Expired(calls=self.calls + other.calls, changes=self.changes + other.changes)


async def expire_due(runtime: Runtime) -> Expired:
    """Let go of what is due, of every tenant and of nobody (see `expire`). Raises `Unavailable`."""
    async with runtime.system_transaction() as tx:
        kept_since = tx.now - func.make_interval(0, 0, 0, TenantRow.audit_retention_days)
        is_due = TenantRow.legal_hold.is_(False) & (TenantRow.created_at < kept_since)
        # Where one run does not come to all, nobody is always the last.
        tenants = (await tx.session.scalars(select(TenantRow.id).where(is_due).order_by(func.random()))).all()
    return await expire(runtime, [None, *map(TenantId, tenants)])


async def expire(
    runtime: Runtime,
    owners: Sequence[TenantId | None],
    *,
    seconds: float = _RUN_SECONDS,
    step_calls: int = _STEP_CALLS,
) -> Expired:
    """Let go of what need not be kept any more of tenants, and of nobody's calls where one of the owners is None.

    That is done in steps, which each ask again whether it may go. Owners take turns, and none begins another step after
    so many seconds. Whose step fails has its next turn in the next run.
    """
    ends = time.monotonic() + seconds

    async def step(owner: TenantId | None) -> Expired:
        if time.monotonic() >= ends:
            return Expired()
        return await (_step(runtime, owner, step_calls) if owner else _step_of_nobody(runtime, step_calls))

    done = Expired()
    while owners:
        steps = await in_turn(owners, step, what=lambda owner: f"expiring the audit of {owner}", at_once=_AT_ONCE)
        done = sum((found for found in steps if found), done)
        owners = [owner for owner, found in zip(owners, steps, strict=True) if found and found != Expired()]
    return done


async def _step_of_nobody(runtime: Runtime, most: int) -> Expired:
    limit = day_of(runtime.clock.now()) - timedelta(days=_NOBODYS_DAYS)
    return Expired(calls=await _expire_calls(runtime, None, limit, most))


async def _step(runtime: Runtime, tenant_id: TenantId, most: int) -> Expired:
    async with runtime.transaction(system_actor(tenant_id), privileged=True) as tx:
        limit = await _limit(tx)
        if limit is None:
            return Expired()
        changes = await _expire_changes(tx, limit)
        days = (SealRow.tenant_id == tx.tenant_id, SealRow.day < limit, SealRow.expired_at.is_(None))
        await tx.session.execute(update(SealRow).where(*days).values(expired_at=tx.now))
        await tx.session.execute(delete(CountRow).where(CountRow.tenant_id == tx.tenant_id, CountRow.day < limit))
    return Expired(calls=await _expire_calls(runtime, tenant_id, limit, most), changes=changes)


async def _limit(tx: Tx) -> date | None:
    """Return the first day that is kept, and no day without a seal before it; None where nothing may go."""
    query = select(TenantRow.audit_retention_days, TenantRow.legal_hold, TenantRow.created_at)
    days, is_held, created_at = (await tx.session.execute(query.where(TenantRow.id == tx.tenant_id))).one()
    limit = day_of(tx.now) - timedelta(days=days)
    if is_held or day_of(created_at) >= limit:
        return None
    last = await tx.session.scalar(tx.select(SealRow).order_by(SealRow.day.desc()).limit(1))
    return min(limit, last.day + timedelta(days=1)) if last else None


async def _expire_changes(tx: Tx, limit: date) -> int:
    """Delete events that are audit alone: delivered, and on no incident's timeline, or on that of a purged one."""
    incident = select(IncidentRow.id).where(
        IncidentRow.tenant_id == EventRow.tenant_id, IncidentRow.id == EventRow.incident_id
    )
    due = (
        select(EventRow.id)
        .where(
            EventRow.tenant_id == tx.tenant_id,
            EventRow.at < begins(limit),
            or_(EventRow.incident_id.is_(None), ~incident.exists()),
            EventRow.due_at.is_(None),
        )
        .order_by(EventRow.at)
        .limit(_STEP_EVENTS)
    )
    gone = delete(EventRow).where(EventRow.tenant_id == tx.tenant_id, EventRow.id.in_(due)).returning(EventRow.id)
    return len((await tx.session.scalars(gone)).all())


async def _expire_calls(runtime: Runtime, tenant_id: TenantId | None, limit: date, most: int) -> int:
    """Delete calls of days before `limit`, `most` of them, the oldest days first."""
    values = {"first": partition_of(tenant_id, date(2000, 1, 1)), "limit": partition_of(tenant_id, limit)}
    rows = await runtime.tables.find(
        API_CALLS,
        "PartitionKey ge @first and PartitionKey lt @limit",
        values,
        most=most,
        fields=["PartitionKey", "RowKey"],
    )
    for part in _transactions(rows):
        await runtime.tables.delete(API_CALLS, part)
    return len(rows)


def _transactions(rows: Sequence[Mapping[str, Any]]) -> list[Sequence[Mapping[str, Any]]]:
    """Group rows as the tables delete them together: up to a hundred of one partition."""
    by_day = groupby(rows, key=lambda row: row["PartitionKey"])
    return [part for _, found in by_day for part in batched(found, _TRANSACTION_ROWS, strict=False)]
