"""Maintenance windows, thresholds and flapping: alerts that are held."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from infra.migrations.roles import SYSTEM
from infra.migrations.row_policies import isolate

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_HELD = sa.text("held_by is not null and incident_id is null")


def upgrade() -> None:
    op.create_table(
        "maintenance_windows",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("matchers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("times", postgresql.TSTZMULTIRANGE(), nullable=False),
        sa.Column("last_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_maintenance_windows_tenant_id_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_maintenance_windows")),
    )
    op.create_index(
        "ix_maintenance_windows_last", "maintenance_windows", ["tenant_id", "project_id", "last_ends_at"], unique=False
    )
    isolate("maintenance_windows", app="select, insert, update")
    op.add_column("alerts", sa.Column("held_by", sa.Text(), nullable=True))
    op.add_column("alerts", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("alerts", sa.Column("held_key", sa.Text(), nullable=True))
    op.add_column("alerts", sa.Column("window_id", sa.Uuid(), nullable=True))
    op.add_column("alerts", sa.Column("flapping", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_check_constraint(op.f("ck_alerts_held_by"), "alerts", "held_by in ('suppressed', 'threshold')")
    op.create_index("ix_alerts_held", "alerts", ["tenant_id", "project_id", "id"], unique=False, postgresql_where=_HELD)
    op.create_index(
        "ix_alerts_held_until",
        "alerts",
        ["held_until"],
        unique=False,
        postgresql_where=sa.text("held_until is not null"),
    )
    # Which projects have alerts to look at again, and no more than that.
    op.execute(f"grant select (project_id, held_until) on alerts to {SYSTEM}")  # its policy is there since 0007
    op.add_column("incidents", sa.Column("flapping_until", sa.DateTime(timezone=True), nullable=True))
