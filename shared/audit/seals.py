"""Sealing days, once nothing can join them any more."""

from collections import Counter
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.access.tables import TenantRow
from shared.audit import calls, changes
from shared.audit.digest import FIRST, Seal, Tally, digest_of
from shared.audit.scope import id_or_none
from shared.audit.tables import CountRow, SealRow
from shared.audit.values import EntryKind, Outcome, day_of, last_to_seal, outcome_of
from shared.kernel.values import TenantId, system_actor
from shared.platform.blob_store import AUDIT_SEALS
from shared.platform.faults import fault
from shared.platform.runtime import Runtime
from shared.platform.tables import EventRow


class Key(NamedTuple):
    """Who did what, and how it ended."""

    kind: EntryKind
    project_id: UUID | None
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    action: str
    outcome: Outcome


class Reading(NamedTuple):
    """A day as it is now: what its seal would say, and how often who did what."""

    seal: Seal
    counts: Counter[Key]


async def seal_next(runtime: Runtime, tenant_id: TenantId) -> bool:
    """Seal a tenant's first day that has no seal yet. Returns whether there was one that is over."""
    day, previous = await _next_day(runtime, tenant_id)
    if day > last_to_seal(runtime.clock.now()):
        return False
    reading = await read_day(runtime, tenant_id, day, previous)
    # The blob first: whoever then alters the entries before the row is written is found out by it.
    sealed = reading.seal.content.encode()
    content = (await runtime.blobs.write_once(AUDIT_SEALS, anchor_of(tenant_id, day), sealed)).decode()
    fault("audit.anchored")
    async with runtime.transaction(system_actor(tenant_id), privileged=True) as tx:
        row = {"tenant_id": tenant_id, "id": tx.ids.new(), "day": day, "content": content, "sealed_at": tx.now}
        statement = upsert(SealRow).values(row | {"digest": digest_of(content)})
        kept = await tx.session.scalar(statement.on_conflict_do_nothing().returning(SealRow.id))
        if kept and reading.counts:
            same = {"tenant_id": tenant_id, "day": day}
            counts = [
                same | key._asdict() | {"id": tx.ids.new(), "count": count} for key, count in reading.counts.items()
            ]
            await tx.session.execute(insert(CountRow), counts)
    return True


async def read_day(runtime: Runtime, tenant_id: TenantId, day: date, previous: str) -> Reading:
    """Read all entries of a day, holding few of them at a time."""
    of_calls, of_changes, counts = Tally(), Tally(), Counter[Key]()
    async for call in calls.of_day(runtime, tenant_id, day):
        of_calls.add(call["RowKey"], calls.content_of(call))
        counts[key_of_call(call)] += 1
    async for change in changes.of_day(runtime, tenant_id, day):
        of_changes.add(changes.place_of(change), changes.content_of(change))
        counts[key_of_change(change)] += 1
    seal = Seal(tenant_id=tenant_id, day=day, previous=previous, calls=of_calls.sum, changes=of_changes.sum)
    return Reading(seal, counts)


def key_of_call(row: calls.Row) -> Key:
    """Return what a call counts as."""
    row = calls.readable(row)
    return Key(
        kind=EntryKind.CALL,
        project_id=id_or_none(row["project_id"]),
        actor_kind=row["actor_kind"],
        actor_id=id_or_none(row["actor_id"]),
        actor_name=row["actor_name"],
        action=row["operation"],
        outcome=outcome_of(row["status"]),
    )


def key_of_change(row: EventRow) -> Key:
    """Return what a change counts as."""
    return Key(
        kind=EntryKind.CHANGE,
        project_id=row.project_id,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        action=row.type,
        outcome=Outcome.OK,
    )


def anchor_of(tenant_id: UUID, day: date) -> str:
    """Return the name of a seal's blob."""
    return f"{tenant_id}/{day.isoformat()}.json"


async def _next_day(runtime: Runtime, tenant_id: TenantId) -> tuple[date, str]:
    """Return the day after a tenant's last seal with that seal's digest, or the day of its beginning."""
    async with runtime.transaction(system_actor(tenant_id)) as tx:
        last = await tx.session.scalar(tx.select(SealRow).order_by(SealRow.day.desc()).limit(1))
        if last is not None:
            return last.day + timedelta(days=1), last.digest
        tenant = await tx.session.get_one(TenantRow, tx.tenant_id)
    return day_of(tenant.created_at), FIRST
