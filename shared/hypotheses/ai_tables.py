"""What language models were asked, and what that may cost."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKeyConstraint, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.platform.tables import Base, TenantTable, project_key, tenant_key

Dollars = Annotated[Decimal, mapped_column(Numeric(14, 6))]


class BudgetRow(TenantTable, Base):
    """What a tenant may spend on language models in a month (its first day), has spent, and holds back for open calls.

    `alerted` is the highest share in percent that was told of.
    """

    __tablename__ = "ai_budgets"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "month"),
        CheckConstraint("limit_usd >= 0 and spent_usd >= 0 and reserved_usd >= 0", name="amounts"),
    )

    month: Mapped[date] = mapped_column(Date())
    limit_usd: Mapped[Dollars]
    spent_usd: Mapped[Dollars] = mapped_column(server_default="0")
    reserved_usd: Mapped[Dollars] = mapped_column(server_default="0")
    alerted: Mapped[int] = mapped_column(server_default="0")
    version: Mapped[int] = mapped_column(server_default="1")


class AiRequestRow(TenantTable, Base):
    """One question to a language model, also where nobody had to be asked or nobody could.

    It begins as a reservation; `settled_at` is null until what became of it is known. `outcome` says that in one word.

    No foreign key leads to the incident: what it has cost was spent, also when the incident has been purged.
    """

    __tablename__ = "ai_requests"
    __table_args__ = (
        project_key(),
        ForeignKeyConstraint(["tenant_id", "budget_id"], ["ai_budgets.tenant_id", "ai_budgets.id"], ondelete="CASCADE"),
        Index("ix_ai_requests_project", "tenant_id", "project_id", "created_at"),
        Index("ix_ai_requests_incident", "tenant_id", "incident_id"),
        Index("ix_ai_requests_open", "created_at", postgresql_where=text("settled_at is null")),
    )

    project_id: Mapped[UUID]
    incident_id: Mapped[UUID]
    budget_id: Mapped[UUID]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    model: Mapped[str]
    prompt_version: Mapped[str]
    price_version: Mapped[str]
    reserved_usd: Mapped[Dollars]
    cost_usd: Mapped[Dollars] = mapped_column(server_default="0")
    input_tokens: Mapped[int] = mapped_column(server_default="0")
    cached_tokens: Mapped[int] = mapped_column(server_default="0")
    output_tokens: Mapped[int] = mapped_column(server_default="0")
    latency_ms: Mapped[int] = mapped_column(server_default="0")
    cache_hit: Mapped[bool] = mapped_column(server_default="false")
    outcome: Mapped[str] = mapped_column(server_default="open")
