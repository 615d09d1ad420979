"""Whether days are still as they were sealed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from shared.access.tables import TenantRow
from shared.audit.days import days_of
from shared.audit.digest import FIRST, Fault, Seal, Sum, difference, digest_of
from shared.audit.schemas import DaysQuery, MismatchOut, VerifyOut
from shared.audit.scope import scope_of
from shared.audit.seals import anchor_of, read_day
from shared.audit.tables import SealRow
from shared.audit.values import day_of, last_to_seal
from shared.kernel.values import Actor, TenantId, system_actor
from shared.platform.blob_store import AUDIT_SEALS
from shared.platform.runtime import Runtime

_SECONDS: Final = 20.0  # for one answer; days that are left are asked for again

type Part = Literal["calls", "changes", "seal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A tenant's seals from the day before those that are asked about, and when the first one should be."""

    first_day: date
    rows: Sequence[SealRow]


async def verify(runtime: Runtime, actor: Actor, given: DaysQuery) -> VerifyOut:
    """Compare days with their seals and name the first that differs. Raises `BadDays`, `TablesAway`, `BlobsAway`."""
    days, tenant_id = days_of(given, day_of(runtime.clock.now())), scope_of(actor).tenant_id
    chain = await _chain(runtime, actor, days.since, days.until)
    by_day = {row.day: row for row in chain.rows}
    day = max(days.since, chain.first_day)
    before = by_day.get(day - timedelta(days=1))
    previous = before.digest if before else FIRST if day == chain.first_day else None
    sealable = last_to_seal(runtime.clock.now())
    ends = time.monotonic() + _SECONDS
    verified = expired = 0
    next_day = mismatch = None
    while day <= min(days.until, sealable) and mismatch is None:
        if verified and time.monotonic() >= ends:
            next_day = day
            break
        row = by_day.get(day)
        if row is None and not any(later > day for later in by_day):
            break  # the timer has not come to it yet
        mismatch = await _compare(runtime, tenant_id, day, row, previous)
        if mismatch is None and row is not None:
            previous, day = row.digest, day + timedelta(days=1)
            verified, expired = verified + (row.expired_at is None), expired + (row.expired_at is not None)
    return VerifyOut(
        since=days.since,
        until=days.until,
        intact=mismatch is None,
        verified=verified,
        expired=expired,
        open_from=day if mismatch is None and next_day is None and day <= days.until else None,
        next_day=next_day,
        mismatch=mismatch,
        last_digest=previous if verified or expired else None,
    )


async def last_is_intact(runtime: Runtime, tenant_id: TenantId) -> bool:
    """Whether a tenant's last sealed day is as it was sealed; also where none is. Raises `TablesAway`, `BlobsAway`."""
    async with runtime.transaction(system_actor(tenant_id)) as tx:
        rows = (await tx.session.scalars(tx.select(SealRow).order_by(SealRow.day.desc()).limit(2))).all()
    if not rows:
        return True
    row, *before = rows
    previous = before[0].digest if before else FIRST
    return await _compare(runtime, tenant_id, row.day, row, previous) is None


async def _compare(
    runtime: Runtime, tenant_id: TenantId, day: date, row: SealRow | None, previous: str | None
) -> MismatchOut | None:
    """Compare one day; `previous` is the digest of the day before, None where that day has no seal."""
    anchor = await runtime.blobs.read(AUDIT_SEALS, anchor_of(tenant_id, day))
    seal = _sealed(row, tenant_id) if row else None
    if row is None:
        return _mismatch(day, "seal", Fault.SEAL_MISSING)
    if seal is None:
        return _mismatch(day, "seal", Fault.SEAL_FORGED)
    if (fault := _fault(row, seal, anchor, previous)) is not None:
        return _mismatch(day, "seal", fault)
    if row.expired_at is not None:
        return None
    found = (await read_day(runtime, tenant_id, day, seal.previous)).seal
    sums: dict[Part, tuple[Sum, Sum]] = {"calls": (seal.calls, found.calls), "changes": (seal.changes, found.changes)}
    for part, (sealed, now) in sums.items():
        if (fault := difference(sealed, now)) is not None:
            return _mismatch(day, part, fault, sealed.count, now.count)
    return None


def _fault(row: SealRow, seal: Seal, anchor: bytes | None, previous: str | None) -> Fault | None:
    """Return what is wrong with a seal beside its blob and the seal before."""
    if anchor is None:
        return Fault.ANCHOR_MISSING
    if anchor.decode(errors="replace") != row.content:
        return Fault.ANCHOR_DIFFERS
    return Fault.CHAIN_BROKEN if seal.previous != previous else None


def _sealed(row: SealRow, tenant_id: TenantId) -> Seal | None:
    """Return what a row seals; None where it was not made by sealing that day."""
    try:
        seal = Seal.read(row.content)
    except ValueError:
        return None
    is_ours = (seal.tenant_id, seal.day, seal.content) == (tenant_id, row.day, row.content)
    return seal if is_ours and digest_of(row.content) == row.digest else None


def _mismatch(
    day: date, part: Part, fault: Fault, sealed_count: int | None = None, found_count: int | None = None
) -> MismatchOut:
    return MismatchOut(day=day, part=part, fault=fault, sealed_count=sealed_count, found_count=found_count)


async def _chain(runtime: Runtime, actor: Actor, since: date, until: date) -> Chain:
    async with runtime.transaction(actor) as tx:
        # One day more at each end: a seal says what the one before was, and a later seal that one is missing.
        day, wider = SealRow.day, timedelta(days=1)
        query = tx.select(SealRow).where(day >= since - wider, day <= until + wider).order_by(day)
        rows = (await tx.session.scalars(query)).all()
        tenant = await tx.session.get_one(TenantRow, tx.tenant_id)
    return Chain(first_day=day_of(tenant.created_at), rows=rows)
