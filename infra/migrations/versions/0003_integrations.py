"""What integrations need beyond the first schema: more kinds, a base URL, credentials, checks, a grace period."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.row_policies import admit_system, isolate

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CONTRACTS = "The check of kinds is replaced by one that admits more."


def upgrade() -> None:
    op.add_column("monitoring_integrations", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("monitoring_integrations", sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("monitoring_integrations", sa.Column("base_url", sa.Text(), nullable=True))
    op.add_column("monitoring_integrations", sa.Column("credentials", sa.Text(), nullable=True))
    op.drop_constraint(op.f("ck_monitoring_integrations_kind"), "monitoring_integrations")
    op.create_check_constraint(
        op.f("ck_monitoring_integrations_kind"),
        "monitoring_integrations",
        "kind in ('alertmanager', 'changes', 'generic', 'grafana', 'prometheus')",
    )
    op.create_table(
        "integration_checks",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("integration_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "integration_id"],
            ["monitoring_integrations.tenant_id", "monitoring_integrations.id"],
            name=op.f("fk_integration_checks_tenant_id_integration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_integration_checks")),
    )
    op.create_index(
        "ix_integration_checks_newest", "integration_checks", ["tenant_id", "integration_id", "at"], unique=False
    )
    isolate("integration_checks", app="select, insert")
    # Which integrations are due for a check, and no more than that.
    admit_system("monitoring_integrations", select="tenant_id, id, base_url, revoked_at")
    admit_system("integration_checks", select="tenant_id, integration_id, at")
