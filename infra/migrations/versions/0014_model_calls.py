"""Calls of language models, and what tenants may spend on them."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.row_policies import admit_system, isolate

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _budgets()
    _requests()


def _budgets() -> None:
    op.create_table(
        "ai_budgets",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("limit_usd", sa.Numeric(14, 6), nullable=False),
        sa.Column("spent_usd", sa.Numeric(14, 6), server_default="0", nullable=False),
        sa.Column("reserved_usd", sa.Numeric(14, 6), server_default="0", nullable=False),
        sa.Column("alerted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "limit_usd >= 0 and spent_usd >= 0 and reserved_usd >= 0", name=op.f("ck_ai_budgets_amounts")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_ai_budgets_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_ai_budgets")),
        sa.UniqueConstraint("tenant_id", "month", name=op.f("uq_ai_budgets_tenant_id_month")),
    )
    isolate("ai_budgets", app="select, insert, update")


def _requests() -> None:
    op.create_table(
        "ai_requests",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prompt_version", sa.Text(), nullable=False),
        sa.Column("price_version", sa.Text(), nullable=False),
        sa.Column("reserved_usd", sa.Numeric(14, 6), nullable=False),
        sa.Column("cost_usd", sa.Numeric(14, 6), server_default="0", nullable=False),
        sa.Column("input_tokens", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cached_tokens", sa.Integer(), server_default="0", nullable=False),
        sa.Column("output_tokens", sa.Integer(), server_default="0", nullable=False),
        sa.Column("latency_ms", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cache_hit", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("outcome", sa.Text(), server_default="open", nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_ai_requests_tenant_id_project_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "incident_id"],
            ["incidents.tenant_id", "incidents.id"],
            name=op.f("fk_ai_requests_tenant_id_incident_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "budget_id"],
            ["ai_budgets.tenant_id", "ai_budgets.id"],
            name=op.f("fk_ai_requests_tenant_id_budget_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_ai_requests")),
    )
    op.create_index("ix_ai_requests_project", "ai_requests", ["tenant_id", "project_id", "created_at"])
    op.create_index(
        "ix_ai_requests_open", "ai_requests", ["created_at"], postgresql_where=sa.text("settled_at is null")
    )
    isolate("ai_requests", app="select, insert, update")
    # Which reservations nobody settled, and no more than that.
    admit_system("ai_requests", select="tenant_id, id, created_at, settled_at")
