"""Forgotten passwords, invitations by e-mail, and tenants that require sealed payloads."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.roles import APP
from infra.migrations.row_policies import isolate

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "password_resets",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_password_resets_tenant_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_password_resets")),
    )
    op.create_index("ix_password_resets_user", "password_resets", ["tenant_id", "user_id"], unique=False)
    isolate("password_resets", app="select, insert, update (used_at)")

    op.add_column("invitations", sa.Column("mailed_digest", sa.LargeBinary(), nullable=True))
    op.execute(f"grant update (mailed_digest) on invitations to {APP}")

    op.add_column("tenants", sa.Column("encryption_required", sa.Boolean(), server_default="false", nullable=False))
    op.execute(f"grant update (encryption_required) on tenants to {APP}")
