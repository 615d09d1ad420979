"""What a tenant may spend on the model in a month: held back before a call, settled after it.

A call that nobody settles, because its process died, counts in full once it is surely over: the model may have
worked.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from math import ceil
from typing import Final
from uuid import UUID

from sqlalchemy import Select, inspect, select, update
from sqlalchemy.dialects.postgresql import insert

from shared.hypotheses import prices, prompting
from shared.hypotheses.ai_tables import AiRequestRow, BudgetRow
from shared.hypotheses.events import BudgetReached
from shared.kernel.values import ProjectId, TenantId, system_actor
from shared.platform.language_model import Reply, Result
from shared.platform.runtime import Runtime, Tx
from shared.platform.turns import spared

SHARES: Final = (50, 80, 100)
"""Percent of the limit that are told of, each once a month."""

LOST_AFTER: Final = timedelta(minutes=10)
"""Longer than a function may run."""

_LOST_AT_ONCE: Final = 500


class Outcome(StrEnum):
    """What became of a question beyond its call's `Result`: no model was asked, or its answer was of no use."""

    REUSED = "reused"
    OVER_BUDGET = "over_budget"
    MALFORMED = "malformed"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a question to the model is about, and which model that is."""

    tenant_id: TenantId
    project_id: ProjectId
    incident_id: UUID
    model: str


async def current(tx: Tx, default: Decimal) -> BudgetRow:
    """Return this month's budget, made where there is none: with the limit of the month before, else `default`."""
    found = await seen(tx, default)
    if not inspect(found).transient:
        return found
    made = {"tenant_id": tx.tenant_id, "id": found.id, "month": found.month, "limit_usd": found.limit_usd}
    await tx.session.execute(insert(BudgetRow).values(made).on_conflict_do_nothing())
    return (await tx.session.scalars(_of_month(tx, found.month))).one()


async def seen(tx: Tx, default: Decimal) -> BudgetRow:
    """Return this month's budget to look at; where there is none yet, what it would begin as, and nothing is stored."""
    month = tx.now.date().replace(day=1)
    found: BudgetRow | None = await tx.session.scalar(_of_month(tx, month))
    if found is not None:
        return found
    latest = select(BudgetRow.limit_usd).where(BudgetRow.tenant_id == tx.tenant_id).order_by(BudgetRow.month.desc())
    limit = await tx.session.scalar(latest.limit(1))
    return BudgetRow(
        tenant_id=tx.tenant_id,
        id=tx.ids.new(),
        month=month,
        limit_usd=default if limit is None else limit,
        spent_usd=Decimal(0),
        reserved_usd=Decimal(0),
        version=1,
    )


async def reserve(tx: Tx, subject: Subject, amount: Decimal, default: Decimal) -> UUID | None:
    """Hold back what a call may cost at most, in dollars; None, with that recorded, where the budget has no room.

    One statement decides, on a row that it locks, so calls at one moment never hold back more than there is.
    """
    budget = await current(tx, default)
    held = await tx.session.scalar(
        update(BudgetRow)
        .where(
            BudgetRow.tenant_id == tx.tenant_id,
            BudgetRow.id == budget.id,
            BudgetRow.spent_usd + BudgetRow.reserved_usd + amount <= BudgetRow.limit_usd,
        )
        .values(reserved_usd=BudgetRow.reserved_usd + amount)
        .returning(BudgetRow.id)
        .execution_options(synchronize_session=False)
    )
    if held is None:
        _note(tx, subject, budget.id, Outcome.OVER_BUDGET)
        await _tell(tx, subject.project_id, budget.id, await _used(tx, budget.id))
        return None
    row = _request(tx, subject, budget.id)
    row.reserved_usd = amount
    tx.session.add(row)
    return row.id


async def note_reused(tx: Tx, subject: Subject, default: Decimal) -> None:
    """Record that an answer given before was used again."""
    _note(tx, subject, (await current(tx, default)).id, Outcome.REUSED)


async def settle(tx: Tx, request_id: UUID, reply: Reply | None, outcome: Outcome | Result) -> AiRequestRow | None:
    """Put what a call cost in the place of what was held back for it; once only. None where it was settled before.

    Where nobody told what was used although the model may have worked, all that was held back counts.
    """
    query = tx.select(AiRequestRow).where(AiRequestRow.id == request_id, AiRequestRow.settled_at.is_(None))
    row = await tx.session.scalar(query.with_for_update())
    if row is None:
        return None
    row.settled_at = tx.now
    row.outcome = outcome.value
    row.cost_usd = _cost(row, reply)
    if reply is not None:
        row.latency_ms = reply.latency_ms
        row.model = reply.model or row.model
        if reply.usage is not None:
            row.input_tokens = reply.usage.input_tokens
            row.cached_tokens = reply.usage.cached_tokens
            row.output_tokens = reply.usage.output_tokens
    spent, limit = (
        await tx.session.execute(
            update(BudgetRow)
            .where(BudgetRow.tenant_id == tx.tenant_id, BudgetRow.id == row.budget_id)
            .values(
                reserved_usd=BudgetRow.reserved_usd - row.reserved_usd, spent_usd=BudgetRow.spent_usd + row.cost_usd
            )
            .returning(BudgetRow.spent_usd, BudgetRow.limit_usd)
            .execution_options(synchronize_session=False)
        )
    ).one()
    await _tell(tx, ProjectId(row.project_id), row.budget_id, percent(spent, limit))
    return row


async def settle_lost(runtime: Runtime) -> int:
    """Settle the calls of processes that died. Returns how many there were."""
    async with runtime.system_transaction() as system:
        lost = (
            await system.session.execute(
                select(AiRequestRow.tenant_id, AiRequestRow.id)
                .where(AiRequestRow.settled_at.is_(None), AiRequestRow.created_at < system.now - LOST_AFTER)
                .order_by(AiRequestRow.created_at)
                .limit(_LOST_AT_ONCE)
            )
        ).all()
    for tenant_id, request_id in lost:
        await spared(_settle_lost(runtime, TenantId(tenant_id), request_id), f"settling model call {request_id}")
    return len(lost)


async def _settle_lost(runtime: Runtime, tenant_id: TenantId, request_id: UUID) -> None:
    async with runtime.transaction(system_actor(tenant_id)) as tx:
        await settle(tx, request_id, None, Outcome.LOST)


def percent(spent: Decimal, limit: Decimal) -> int:
    """Return how much of a limit is spent; all of none."""
    return int(spent * 100 / limit) if limit else 100


async def _used(tx: Tx, budget_id: UUID) -> int:
    """Percent of a budget that are spent or held back, rounded up: what is left of the last one is too little."""
    used = BudgetRow.spent_usd + BudgetRow.reserved_usd
    query = select(used, BudgetRow.limit_usd).where(BudgetRow.tenant_id == tx.tenant_id, BudgetRow.id == budget_id)
    held, limit = (await tx.session.execute(query)).one()
    return ceil(held * 100 / limit) if limit else 100


def _cost(row: AiRequestRow, reply: Reply | None) -> Decimal:
    if reply is None or (reply.usage is None and reply.result is Result.TIMED_OUT):
        return row.reserved_usd
    if reply.usage is None:
        return Decimal(0) if not reply.text else row.reserved_usd
    used = reply.usage
    price = prices.price_of(reply.model, row.model)
    return prices.cost(price, read=used.input_tokens, cached=used.cached_tokens, written=used.output_tokens)


def _of_month(tx: Tx, month: date) -> Select[BudgetRow]:
    return tx.select(BudgetRow).where(BudgetRow.month == month)


async def _tell(tx: Tx, project_id: ProjectId, budget_id: UUID, percent: int) -> None:
    """Record the highest share that is reached, if nobody was told of it yet."""
    reached = max((share for share in SHARES if share <= percent), default=0)
    told = await tx.session.execute(
        update(BudgetRow)
        .where(BudgetRow.tenant_id == tx.tenant_id, BudgetRow.id == budget_id, BudgetRow.alerted < reached)
        .values(alerted=reached)
        .returning(BudgetRow.month, BudgetRow.limit_usd, BudgetRow.spent_usd)
        .execution_options(synchronize_session=False)
    )
    for month, limit, spent in told:
        data = {"percent": reached, "month": f"{month:%Y-%m}", "limit_usd": str(limit), "spent_usd": str(spent)}
        tx.record(BudgetReached(project_id=project_id, subject_id=budget_id, data=data))


def _note(tx: Tx, subject: Subject, budget_id: UUID, outcome: Outcome) -> None:
    row = _request(tx, subject, budget_id)
    row.settled_at, row.outcome, row.cache_hit = tx.now, outcome.value, outcome is Outcome.REUSED
    tx.session.add(row)


def _request(tx: Tx, subject: Subject, budget_id: UUID) -> AiRequestRow:
    return AiRequestRow(
        tenant_id=tx.tenant_id,
        id=tx.ids.new(),
        project_id=subject.project_id,
        incident_id=subject.incident_id,
        budget_id=budget_id,
        created_at=tx.now,
        settled_at=None,
        model=subject.model,
        prompt_version=prompting.VERSION,
        price_version=prices.VERSION,
        reserved_usd=Decimal(0),
    )
