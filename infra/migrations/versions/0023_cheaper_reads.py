"""Searches that read their words once, sums of days, and indexes for percentiles and for the people of a service."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.row_policies import TENANT, isolate

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# Read anew for every row, which takes ten times as long as to compare them. What is declared immutable PostgreSQL reads
# while it plans, and estimates by it; searches are never prepared, so that is once for each of them. A plan that
# somebody kept would keep its words, and still be of one tenant.
SEARCHED = """
create function searched() returns tsquery language sql immutable parallel safe
return nullif(current_setting('app.search', true), '')::tsquery"""

SUMS = (
    *("incidents", "open", "alerts", "joined", "people_seconds", "reopened", "flapping", "resolved_by_machine"),
    *("acknowledge_count", "acknowledge_sum", "mitigate_count", "mitigate_sum", "resolve_count", "resolve_sum"),
)
GATHERED = (
    *("incident_facts", "incident_presence", "analytics_progress"),
    *("incident_weeks", "incident_hours", "duration_weeks", "presence_weeks"),
)


def upgrade() -> None:
    op.execute(SEARCHED)
    op.execute(f"alter policy found_rows on incidents using (tenant_id = {TENANT} and search @@ searched())")
    for one in ("acknowledge", "mitigate", "resolve"):
        op.drop_index(f"ix_incident_facts_{one}", "incident_facts")
        op.create_index(
            f"ix_incident_facts_{one}",
            "incident_facts",
            ["tenant_id", "project_id", f"{one}_seconds"],
            postgresql_include=["created_at", "id", "severity", "service_name"],
            postgresql_where=sa.text("counted"),
        )
    place = ["tenant_id", "project_id", "service_name", "created_at"]
    op.create_index("ix_incident_presence_service", "incident_presence", place)
    op.create_table(
        "incident_days",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("begins", sa.DateTime(timezone=True), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in SUMS),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_incident_days_tenant_id_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", "begins", "severity", name=op.f("pk_incident_days")),
    )
    isolate("incident_days", app="select, insert, update")
    # Sums change with the facts, so all begin empty: the timer gathers them again.
    op.execute(f"truncate {', '.join(GATHERED)}")
