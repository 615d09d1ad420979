"""What people do with incidents: assign, label, comment, link, merge, archive."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from infra.migrations.roles import APP
from infra.migrations.row_policies import isolate

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CONTRACTS = "The check of kinds of links is replaced by one that admits more."

_CLOSED = "state not in ('acknowledged', 'detected', 'investigating', 'mitigated')"


def upgrade() -> None:
    op.add_column("incidents", sa.Column("assignee_id", sa.Uuid(), nullable=True))
    op.add_column(
        "incidents",
        sa.Column("labels", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column("incidents", sa.Column("chosen", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.add_column("incidents", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.add_column("incidents", sa.Column("reopens", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("incidents", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_incidents_merged"), "incidents", f"merged_into is null or {_CLOSED}")
    op.create_check_constraint(op.f("ck_incidents_archived"), "incidents", f"archived_at is null or {_CLOSED}")
    op.create_foreign_key(
        op.f("fk_incidents_tenant_id_assignee_id"),
        "incidents",
        "users",
        ["tenant_id", "assignee_id"],
        ["tenant_id", "id"],
    )
    op.create_foreign_key(
        op.f("fk_incidents_tenant_id_merged_into"),
        "incidents",
        "incidents",
        ["tenant_id", "merged_into"],
        ["tenant_id", "id"],
    )
    op.create_index(
        "ix_incidents_merged",
        "incidents",
        ["tenant_id", "merged_into"],
        unique=False,
        postgresql_where=sa.text("merged_into is not null"),
    )

    op.add_column("alerts", sa.Column("merged_from", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_alerts_tenant_id_merged_from"),
        "alerts",
        "incidents",
        ["tenant_id", "merged_from"],
        ["tenant_id", "id"],
    )
    op.create_index(
        "ix_alerts_merged_from",
        "alerts",
        ["tenant_id", "merged_from"],
        unique=False,
        postgresql_where=sa.text("merged_from is not null"),
    )

    op.drop_constraint(op.f("ck_incident_links_kind"), "incident_links", type_="check")
    op.create_check_constraint(
        op.f("ck_incident_links_kind"),
        "incident_links",
        "kind in ('recurrence', 'related', 'duplicate', 'caused_by')",
    )
    op.add_column("incident_links", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(f"grant update (removed_at) on incident_links to {APP}")

    op.create_table(
        "comments",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("author_kind", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "incident_id"],
            ["incidents.tenant_id", "incidents.id"],
            name=op.f("fk_comments_tenant_id_incident_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_comments")),
    )
    op.create_index("ix_comments_incident", "comments", ["tenant_id", "incident_id", "id"], unique=False)
    isolate("comments", app="select, insert, update (body, version, edited_at, deleted_at)")
