"""Sums of the incidents' figures over weeks and hours, and indexes that find the incidents of a certain duration."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from infra.migrations.row_policies import isolate

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_COUNTS = (
    *("incidents", "open", "alerts", "joined", "people_seconds", "reopened", "flapping", "resolved_by_machine"),
    *("acknowledge_count", "acknowledge_sum", "mitigate_count", "mitigate_sum", "resolve_count", "resolve_sum"),
)
_STATES = ("detected", "acknowledged", "investigating", "mitigated", "resolved", "learned", "inconclusive")


def upgrade() -> None:
    kind = [sa.Column("kind", sa.LargeBinary(), nullable=False)]
    told = [sa.Column(name, sa.Text(), nullable=False) for name in ("service_name", "alert_name")]
    _rollup("incident_weeks", kind, (*_COUNTS, *_STATES), told)
    _rollup("incident_hours", [], _COUNTS)
    step = [sa.Column("step", sa.Integer(), nullable=False)]
    _rollup("duration_weeks", step, ("acknowledge", "mitigate", "resolve"))
    person = [sa.Column("person_id", sa.Uuid(), nullable=False)]
    _rollup("presence_weeks", person, ("incidents", "acknowledged", "resolved", "seconds"))
    for one in ("acknowledge", "mitigate", "resolve"):
        op.create_index(
            f"ix_incident_facts_{one}",
            "incident_facts",
            ["tenant_id", "project_id", f"{one}_seconds"],
            postgresql_where=sa.text("counted"),
        )
    # Sums change with the facts, so both begin empty: the timer gathers all facts again.
    op.execute("truncate incident_facts, incident_presence, analytics_progress")


def _rollup(
    table: str, keys: Sequence[sa.Column[Any]], sums: Sequence[str], told: Sequence[sa.Column[Any]] = ()
) -> None:
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("begins", sa.DateTime(timezone=True), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        *keys,
        *told,
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in sums),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f(f"fk_{table}_tenant_id_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "id", "begins", "severity", *(one.name for one in keys), name=op.f(f"pk_{table}")
        ),
    )
    isolate(table, app="select, insert, update")
