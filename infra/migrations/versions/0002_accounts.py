"""What accounts need beyond the first schema: refresh tokens, invitations, members who leave, use of API keys."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.roles import APP
from infra.migrations.row_policies import admit_system, isolate

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CONTRACTS = "Sessions need a project and a refresh token. No release before this one made any."


def upgrade() -> None:
    op.add_column("tenants", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.execute(f"grant update (version) on tenants to {APP}")
    op.execute(f"grant update (disabled_at) on users to {APP}")
    op.add_column("project_members", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("api_keys", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))

    # Sessions without a refresh token cannot go on: people sign in again. Row policies do not bind truncate.
    op.execute("truncate sessions")
    op.add_column("sessions", sa.Column("project_id", sa.Uuid(), nullable=False))
    op.add_column("sessions", sa.Column("refresh_digest", sa.LargeBinary(), nullable=False))
    op.add_column("sessions", sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False))
    op.create_foreign_key(
        op.f("fk_sessions_tenant_id_project_id"),
        "sessions",
        "projects",
        ["tenant_id", "project_id"],
        ["tenant_id", "id"],
        ondelete="CASCADE",
    )

    op.create_table(
        "invitations",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role in ('owner', 'admin', 'engineer', 'viewer')", name=op.f("ck_invitations_role")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_invitations_tenant_id_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_invitations")),
    )
    op.create_index("ix_invitations_project", "invitations", ["tenant_id", "project_id"], unique=False)
    isolate("invitations", app="select, insert, update (revoked_at)")
    # Who accepts becomes a user, and only the system's role makes users.
    admit_system("invitations", select="all", update="accepted_at")
