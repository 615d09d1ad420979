"""Alerts that nobody ends: when they expire, since when their sender has not known them, and that they lapsed."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.row_policies import admit_system

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("expires_at", "missing_since", "lapsed_at"):
        op.add_column("alerts", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_alerts_expiring",
        "alerts",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("expires_at is not null and not resolved"),
    )
    op.create_index(
        "ix_alerts_open",
        "alerts",
        ["tenant_id", "integration_id"],
        unique=False,
        postgresql_where=sa.text("fired and (not resolved or lapsed_at is not null)"),
    )
    # Which alerts have expired, and no more than that.
    admit_system("alerts", select="tenant_id, id, expires_at, resolved")
