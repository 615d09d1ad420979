"""Figures of each incident that the analytics read."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.row_policies import admit_system, isolate

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _facts()
    _presence()
    _progress()
    op.create_index(
        "ix_event_log_recorded",
        "event_log",
        ["tenant_id", "project_id", "recorded_in"],
        postgresql_where=sa.text("incident_id is not null"),
    )
    op.create_index(
        "ix_alerts_suppressed",
        "alerts",
        ["tenant_id", "project_id", "fired_at"],
        postgresql_where=sa.text("held_by = 'suppressed'"),
    )
    op.create_index("ix_ai_requests_incident", "ai_requests", ["tenant_id", "incident_id"])


def _project_key(table: str) -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "project_id"],
        ["projects.tenant_id", "projects.id"],
        name=op.f(f"fk_{table}_tenant_id_project_id"),
        ondelete="CASCADE",
    )


def _facts() -> None:
    op.create_table(
        "incident_facts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("service_name", sa.Text(), nullable=False),
        sa.Column("acknowledge_seconds", sa.Integer(), nullable=True),
        sa.Column("mitigate_seconds", sa.Integer(), nullable=True),
        sa.Column("resolve_seconds", sa.Integer(), nullable=True),
        sa.Column("resolved_by_machine", sa.Boolean(), nullable=False),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("flapped", sa.Boolean(), nullable=False),
        sa.Column("alerts", sa.Integer(), nullable=False),
        sa.Column("alert_name", sa.Text(), nullable=False),
        sa.Column("people_seconds", sa.Integer(), nullable=False),
        _project_key("incident_facts"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_incident_facts")),
    )
    place = ["tenant_id", "project_id"]
    op.create_index("ix_incident_facts_created", "incident_facts", [*place, "created_at"])
    op.create_index("ix_incident_facts_service", "incident_facts", [*place, "service_name", "created_at"])
    isolate("incident_facts", app="select, insert, update")


def _presence() -> None:
    op.create_table(
        "incident_presence",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("service_name", sa.Text(), nullable=False),
        sa.Column("acknowledged", sa.Boolean(), nullable=False),
        sa.Column("resolved", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        _project_key("incident_presence"),
        sa.PrimaryKeyConstraint("tenant_id", "id", "person_id", name=op.f("pk_incident_presence")),
    )
    place = ["tenant_id", "project_id"]
    op.create_index("ix_incident_presence_created", "incident_presence", [*place, "created_at"])
    op.create_index("ix_incident_presence_person", "incident_presence", [*place, "person_id"])
    isolate("incident_presence", app="select, insert, update")


def _progress() -> None:
    op.create_table(
        "analytics_progress",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=True),
        sa.Column("floor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("coming", sa.Text(), nullable=True),
        sa.Column("reached", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_analytics_progress_tenant_id_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_analytics_progress")),
    )
    isolate("analytics_progress", app="select, insert, update")
    # Which projects have news since their facts were gathered, and no more than that.
    admit_system("analytics_progress", select="tenant_id, id, seen, floor, coming")
