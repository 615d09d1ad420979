"""What the language model was used for, and the tenant's budget as its owner sees and sets it."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Date, cast, func, select

from shared.hypotheses import budget
from shared.hypotheses.ai_schemas import (
    BudgetIn,
    BudgetOut,
    DayOut,
    ModelOut,
    ProjectCostOut,
    UsageOut,
    UsageTable,
    UsedOut,
)
from shared.hypotheses.ai_tables import AiRequestRow, BudgetRow
from shared.hypotheses.budget import Outcome
from shared.hypotheses.events import BudgetChanged
from shared.kernel.csv import csv_of
from shared.kernel.errors import check_version
from shared.kernel.values import Permission, ProjectId
from shared.platform.language_model import Result
from shared.platform.runtime import Tx

_FIRST_DAY = timedelta(days=1)
_NEVER_SENT = (Outcome.REUSED.value, Outcome.OVER_BUDGET.value, Result.BREAKER_OPEN.value)
WAS_SENT = AiRequestRow.outcome.not_in(_NEVER_SENT)
_DAY = cast(func.timezone("UTC", AiRequestRow.created_at), Date)
_SUMS: Final[Sequence[ColumnElement[Any]]] = (
    func.count().filter(WAS_SENT).label("calls"),
    func.count().filter(AiRequestRow.cache_hit).label("calls_avoided"),
    func.coalesce(func.sum(AiRequestRow.input_tokens), 0).label("input_tokens"),
    func.coalesce(func.sum(AiRequestRow.cached_tokens), 0).label("cached_tokens"),
    func.coalesce(func.sum(AiRequestRow.output_tokens), 0).label("output_tokens"),
    func.coalesce(func.sum(AiRequestRow.cost_usd), 0).label("cost_usd"),
    *(
        func.percentile_cont(share).within_group(AiRequestRow.latency_ms).filter(WAS_SENT).label(name)
        for name, share in (("latency_p50_ms", 0.5), ("latency_p95_ms", 0.95))
    ),
)


async def usage(tx: Tx, project_id: ProjectId, days: int) -> UsageOut:
    """Return a project's use of the last `days` days, of UTC."""
    since = tx.now.astimezone(UTC).date() - timedelta(days=days - 1)
    begins = datetime.combine(since, time(), UTC)
    mine = (
        AiRequestRow.tenant_id == tx.tenant_id,
        AiRequestRow.project_id == project_id,
        AiRequestRow.created_at >= begins,
    )
    whole = (await tx.session.execute(select(*_SUMS).where(*mine))).one()._asdict()
    outcome = AiRequestRow.outcome
    counted = await tx.session.execute(select(outcome, func.count()).where(*mine).group_by(outcome).order_by(outcome))
    by_day = await tx.session.execute(select(_DAY.label("day"), *_SUMS).where(*mine).group_by("day").order_by("day"))
    model = AiRequestRow.model
    by_model = await tx.session.execute(select(model, *_SUMS).where(*mine).group_by(model).order_by(model))
    return UsageOut(
        **_plain(whole),
        since=since,
        cache_hit_rate=_share(whole["calls_avoided"], whole["calls_avoided"] + whole["calls"]),
        outcomes={row[0]: row[1] for row in counted},
        by_day=[DayOut(**_plain(row._asdict())) for row in by_day],
        by_model=[ModelOut(**_plain(row._asdict())) for row in by_model],
    )


async def budget_of(tx: Tx, default: Decimal) -> BudgetOut:
    """Return this month's budget, with what each project has cost: for others than the tenant's owner, their own."""
    row = await budget.seen(tx, default)
    project = AiRequestRow.project_id
    query = (
        select(project, func.count().filter(WAS_SENT), func.sum(AiRequestRow.cost_usd))
        .where(AiRequestRow.tenant_id == tx.tenant_id, AiRequestRow.budget_id == row.id)
        .group_by(project)
        .order_by(project)
    )
    if Permission.TENANT_WRITE not in tx.actor.permissions:
        query = query.where(project == tx.actor.project_id)
    costs = await tx.session.execute(query)
    return BudgetOut(
        month=row.month,
        limit_usd=float(row.limit_usd),
        spent_usd=float(row.spent_usd),
        reserved_usd=float(row.reserved_usd),
        left_usd=float(max(row.limit_usd - row.spent_usd - row.reserved_usd, Decimal(0))),
        forecast_usd=_forecast(row, tx.now),
        version=row.version,
        by_project=[ProjectCostOut(project_id=id_, calls=calls, cost_usd=float(cost)) for id_, calls, cost in costs],
    )


async def set_budget(
    tx: Tx, project_id: ProjectId, given: BudgetIn, *, default: Decimal, expected: int | None
) -> BudgetOut:
    """Set what may be spent, from this month on. Shares that are no longer reached are told of again.

    Raises `StaleVersion`.
    """
    row = await budget.current(tx, default)
    await tx.session.refresh(row, with_for_update=True)
    check_version(row.version, expected)
    limit = Decimal(str(given.limit_usd))
    if limit != row.limit_usd:
        changes = {"limit_usd": (float(row.limit_usd), given.limit_usd)}
        row.limit_usd, row.version = limit, row.version + 1
        row.alerted = max((one for one in budget.SHARES if one <= budget.percent(row.spent_usd, limit)), default=0)
        tx.record(BudgetChanged(project_id=project_id, subject_id=row.id, changes=changes))
        await tx.session.flush()
    return await budget_of(tx, default)


def exported(found: UsageOut, table: UsageTable) -> bytes:
    """Return one table of a use as CSV."""
    rows: Sequence[UsedOut]
    model: type[UsedOut]
    match table:
        case UsageTable.DAYS:
            rows, model = found.by_day, DayOut
        case UsageTable.MODELS:
            rows, model = found.by_model, ModelOut
    columns = sorted(model.model_fields, key=lambda name: name in UsedOut.model_fields)
    return csv_of(columns, [one.model_dump(mode="json") for one in rows])


def _forecast(row: BudgetRow, now: datetime) -> float | None:
    begins = datetime.combine(row.month, time(), UTC)
    elapsed, days = now - begins, monthrange(row.month.year, row.month.month)[1]
    return None if elapsed < _FIRST_DAY else round(float(row.spent_usd) * (days * _FIRST_DAY / elapsed), 6)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _plain(sums: dict[str, Any]) -> dict[str, Any]:
    return sums | {"cost_usd": float(sums["cost_usd"])}
