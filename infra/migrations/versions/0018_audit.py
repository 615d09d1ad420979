"""Seals of the audit, and how long a tenant keeps it."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.roles import APP, SYSTEM
from infra.migrations.row_policies import admit_system, isolate

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tenants", sa.Column("audit_retention_days", sa.Integer(), server_default="365", nullable=False))
    op.add_column("tenants", sa.Column("legal_hold", sa.Boolean(), server_default="false", nullable=False))
    op.create_check_constraint(
        op.f("ck_tenants_audit_retention_days"), "tenants", "audit_retention_days between 30 and 3650"
    )
    op.execute(f"grant update (audit_retention_days, legal_hold) on tenants to {APP}")
    # Whose days are to be sealed or let go of, and no more than that.
    admit_system("tenants", select="id, created_at, audit_retention_days, legal_hold")
    op.create_index("ix_event_log_at", "event_log", ["tenant_id", "at", "id"])
    # What nobody has to be told of any more, and no incident's timeline holds.
    op.execute(
        f"create policy system_delete on event_log for delete to {SYSTEM} using (incident_id is null and due_at is null)"
    )
    op.execute(f"grant delete on event_log to {SYSTEM}")
    _seals()
    _counts()


def _seals() -> None:
    op.create_table(
        "audit_seals",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_audit_seals_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("tenant_id", "day", name=op.f("uq_audit_seals_tenant_id_day")),
    )
    isolate("audit_seals", app="select")
    admit_system("audit_seals", select="all", insert="all", update="expired_at")


def _counts() -> None:
    op.create_table(
        "audit_counts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind in ('call', 'change')", name=op.f("ck_audit_counts_kind")),
        sa.CheckConstraint("outcome in ('failed', 'ok', 'refused')", name=op.f("ck_audit_counts_outcome")),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_audit_counts_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit_counts")),
    )
    op.create_index("ix_audit_counts_day", "audit_counts", ["tenant_id", "day"])
    isolate("audit_counts", app="select")
    admit_system("audit_counts", select="all", insert="all", delete="all")
