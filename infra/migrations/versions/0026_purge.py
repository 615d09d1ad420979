"""How long a tenant keeps incidents, and the right to purge them and what nobody reads again."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.roles import APP, SYSTEM
from infra.migrations.row_policies import TENANT

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

CLOSED = "state not in ('acknowledged', 'detected', 'investigating', 'mitigated')"
LOOSE = "incident_id is null and (not fired or resolved)"
# Whatever the code does, these rows stay: of open incidents, of alerts that fire, and what is still to be sent; and the
# system's role deletes incidents of the tenant alone that it works for. The rest of an incident goes with its row.
MAY_GO = {
    "incidents": f"tenant_id = {TENANT} and {CLOSED}",
    "alerts": f"tenant_id = {TENANT} and (not fired or resolved)",
    "sessions": "expires_at < now()",
    "notification_deliveries": "due_at is null",
    "integration_checks": "true",
    "dead_letters": "true",
}
# What stood on a timeline goes as other events do, once there is no such incident any more.
ON_NO_TIMELINE = """
  incident_id is null or not exists (
    select from incidents i where i.tenant_id = event_log.tenant_id and i.id = event_log.incident_id)"""


def upgrade() -> None:
    op.add_column("tenants", sa.Column("incident_retention_days", sa.Integer(), nullable=True))
    op.create_check_constraint(
        op.f("ck_tenants_incident_retention_days"), "tenants", "incident_retention_days between 30 and 3650"
    )
    op.execute(f"grant update (incident_retention_days) on tenants to {APP}")
    # What a model has cost stays when the incident has gone.
    op.drop_constraint(op.f("fk_ai_requests_tenant_id_incident_id"), "ai_requests", type_="foreignkey")
    _indexes()
    _rights()


def _indexes() -> None:
    over = ["tenant_id", "updated_at", "id"]
    op.create_index("ix_incidents_over", "incidents", over, postgresql_where=sa.text(CLOSED))
    op.create_index("ix_alerts_loose", "alerts", ["tenant_id", "starts_at"], postgresql_where=sa.text(LOOSE))
    led = sa.text("leader_id <> id")
    op.create_index("ix_analyses_leader", "analyses", ["tenant_id", "leader_id"], postgresql_where=led)
    op.create_index("ix_sessions_expires", "sessions", ["expires_at"])
    op.create_index("ix_notification_deliveries_created", "notification_deliveries", ["created_at"])
    op.create_index("ix_integration_checks_at", "integration_checks", ["at"])
    op.create_index("ix_dead_letters_age", "dead_letters", ["at"])


def _rights() -> None:
    seen = {
        "tenants": "incident_retention_days",
        "incidents": "project_id, number, updated_at, merged_into",
        "alerts": "incident_id, fired, starts_at, ends_at",
        "analyses": "leader_id",
        "sessions": "id",
        "notification_deliveries": "created_at",
        "integration_checks": "id",
        "dead_letters": "tenant_id, id, at",
    }
    for table, columns in seen.items():  # each has its policy
        op.execute(f"grant select ({columns}) on {table} to {SYSTEM}")
    for table, rows in MAY_GO.items():
        op.execute(f"create policy system_delete on {table} for delete to {SYSTEM} using ({rows})")
        op.execute(f"grant delete on {table} to {SYSTEM}")
    op.execute(f"alter policy system_delete on event_log using (due_at is null and ({ON_NO_TIMELINE}))")
