"""The language model's use and its budget on the wire. Money is in US dollars."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.platform.wire import Wire


class UsageQuery(Wire):
    """The last `days`, today included, of a project that the caller is in: `project_id`, or else the credential's."""

    days: Annotated[int, Field(ge=1, le=366)] = 30
    project_id: UUID | None = None


class UsageTable(StrEnum):
    """What of the use a CSV file has."""

    DAYS = "days"
    MODELS = "models"


class UsageExportQuery(UsageQuery):
    """Which of the tables to export."""

    of: UsageTable = UsageTable.DAYS


class UsedOut(Wire):
    """Calls of the model, and what they used. `calls_avoided` were answered from what is kept.

    Latencies are of calls, in milliseconds, retries included; null without any.
    """

    calls: int
    calls_avoided: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost_usd: float
    latency_p50_ms: float | None
    latency_p95_ms: float | None


class DayOut(UsedOut):
    day: date


class ModelOut(UsedOut):
    model: str


class UsageOut(UsedOut):
    """A project's use. `cache_hit_rate` is the share of questions that no call was needed for, null without any."""

    since: date
    cache_hit_rate: float | None
    outcomes: dict[str, int]
    by_day: list[DayOut]
    by_model: list[ModelOut]


class ProjectCostOut(Wire):
    project_id: UUID
    calls: int
    cost_usd: float


class BudgetOut(Wire):
    """The month's budget. `reserved_usd` is held back for calls that are not over.

    `forecast_usd` is what the month will have cost if it goes on as it did so far; null on its first day.
    """

    month: date
    limit_usd: float
    spent_usd: float
    reserved_usd: float
    left_usd: float
    forecast_usd: float | None
    version: int
    by_project: list[ProjectCostOut]


class BudgetIn(Wire):
    """What the tenant may spend in a month, from this one on. 0: no model is asked."""

    limit_usd: Annotated[float, Field(strict=True, ge=0, le=1_000_000, allow_inf_nan=False)]
