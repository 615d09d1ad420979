"""Services, what they depend on, and changes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from infra.migrations.roles import SYSTEM
from infra.migrations.row_policies import isolate

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_services()
    _create_dependencies()
    _create_changes()
    op.add_column("incident_links", sa.Column("reason", sa.Text(), server_default="", nullable=False))
    op.add_column("incident_links", sa.Column("via", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.create_index("ix_incident_links_other", "incident_links", ["tenant_id", "other_id"])
    # Which integrations know a service graph.
    op.execute(f"grant select (kind) on monitoring_integrations to {SYSTEM}")


def _create_services() -> None:
    op.create_table(
        "services",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.Column("runbook_url", sa.Text(), nullable=False),
        sa.Column("links", postgresql.JSONB(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("source in ('import', 'learned', 'manual')", name=op.f("ck_services_source")),
        sa.CheckConstraint("tier between 1 and 5", name=op.f("ck_services_tier")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_services_tenant_id_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_services")),
    )
    op.create_index(
        "uq_services_name",
        "services",
        ["tenant_id", "project_id", "name"],
        unique=True,
        postgresql_where=sa.text("removed_at is null"),
    )
    op.create_index("ix_services_any_name", "services", ["tenant_id", "project_id", "name"])
    isolate("services", app="select, insert, update")


def _create_dependencies() -> None:
    op.create_table(
        "service_dependencies",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("caller_id", sa.Uuid(), nullable=False),
        sa.Column("callee_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "source in ('import', 'labels', 'manual', 'service_graph')", name=op.f("ck_service_dependencies_source")
        ),
        sa.CheckConstraint("caller_id <> callee_id", name=op.f("ck_service_dependencies_two_services")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_service_dependencies_tenant_id_project_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "caller_id"],
            ["services.tenant_id", "services.id"],
            name=op.f("fk_service_dependencies_tenant_id_caller_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "callee_id"],
            ["services.tenant_id", "services.id"],
            name=op.f("fk_service_dependencies_tenant_id_callee_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_service_dependencies")),
        sa.UniqueConstraint(
            "tenant_id", "caller_id", "callee_id", name=op.f("uq_service_dependencies_tenant_id_caller_id_callee_id")
        ),
    )
    op.create_index("ix_service_dependencies_project", "service_dependencies", ["tenant_id", "project_id"])
    op.create_index("ix_service_dependencies_callee", "service_dependencies", ["tenant_id", "callee_id"])
    isolate("service_dependencies", app="select, insert, update")


def _create_changes() -> None:
    op.create_table(
        "changes",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("integration_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind in ('commit', 'config', 'deploy', 'flag', 'infra', 'other', 'rollback', 'scale')",
            name=op.f("ck_changes_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "integration_id"],
            ["monitoring_integrations.tenant_id", "monitoring_integrations.id"],
            name=op.f("fk_changes_tenant_id_integration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_changes")),
        sa.UniqueConstraint(
            "tenant_id", "integration_id", "external_id", name=op.f("uq_changes_tenant_id_integration_id_external_id")
        ),
    )
    op.create_index("ix_changes_newest", "changes", ["tenant_id", "project_id", "at", "id"])
    op.create_index("ix_changes_component", "changes", ["tenant_id", "project_id", "component", "at", "id"])
    isolate("changes", app="select, insert")
