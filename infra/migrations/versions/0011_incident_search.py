"""Full-text search, list filters, saved views, and a timeline whose pages miss nothing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from infra.migrations.row_policies import admit_search, isolate

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WORDS = r"""
  setweight(to_tsvector('english', 'INC-' || number::text || ' ' || number::text), 'A')
  || setweight(to_tsvector('english', title || ' ' || regexp_replace(title, '([a-z0-9])([A-Z])', '\1 \2', 'g')), 'A')
  || setweight(to_tsvector('english', service_name), 'B')
  || setweight(jsonb_to_tsvector('english', labels, '["key", "string"]'), 'C')
  || setweight(to_tsvector('english', description), 'D')
  || array_to_tsvector(array['project:' || project_id::text])"""

# Every order of the list is read from an index, newest first among equals.
ORDERS = {
    "newest": ["created_at", "id"],
    "updated": ["updated_at", "id"],
    "severity": ["severity_rank", "created_at", "id"],
    "state": ["state", "created_at", "id"],
    "service": ["service_name", "created_at", "id"],
}


def upgrade() -> None:
    severity_rank = sa.Computed(
        "array_position(array['info', 'low', 'medium', 'high', 'critical'], severity)", persisted=True
    )
    op.add_column("incidents", sa.Column("severity_rank", sa.Integer(), severity_rank, nullable=False))
    op.add_column(
        "incidents", sa.Column("search", postgresql.TSVECTOR(), sa.Computed(WORDS, persisted=True), nullable=False)
    )
    op.drop_index("ix_incidents_newest", "incidents")
    for name, columns in ORDERS.items():
        op.create_index(f"ix_incidents_{name}", "incidents", ["tenant_id", "project_id", *columns])
    op.create_index(
        "ix_incidents_assignee",
        "incidents",
        ["tenant_id", "project_id", "assignee_id", "created_at", "id"],
        postgresql_where=sa.text("assignee_id is not null"),
    )
    for name in ("archived_at", "flapping_until"):
        op.create_index(
            f"ix_incidents_{name.partition('_')[0]}",
            "incidents",
            ["tenant_id", "project_id", "created_at", "id"],
            postgresql_where=sa.text(f"{name} is not null"),
        )
    op.create_index("ix_incidents_search", "incidents", ["search"], postgresql_using="gin")
    admit_search("incidents", "search")

    op.add_column(
        "event_log",
        sa.Column(
            "recorded_in",
            sa.BigInteger(),
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
            nullable=False,
        ),
    )

    op.create_table(
        "saved_views",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_saved_views_tenant_id_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_saved_views")),
    )
    op.create_index(
        "uq_saved_views_name",
        "saved_views",
        ["tenant_id", "project_id", "owner_id", "name"],
        unique=True,
        postgresql_where=sa.text("removed_at is null"),
    )
    isolate("saved_views", app="select, insert, update")
