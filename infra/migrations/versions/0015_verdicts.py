"""Checks and verdicts of people on hypotheses, and how far the analysis of each incident is."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.roles import SYSTEM
from infra.migrations.row_policies import admit_system, isolate

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

CONTRACTS = "The rule of ranks is replaced by one that waits for the commit: that admits more."

_RANKS = "uq_hypotheses_tenant_id_incident_id_run_rank"
_CAUSES = """
  'bad_probe', 'bad_release', 'bad_resource_limits', 'cache_failure', 'clock_skew', 'cloud_outage',
  'connection_pool_exhausted', 'cpu_saturation', 'crash_loop', 'data_corruption', 'deadlock', 'dependency_slow',
  'dependency_unavailable', 'disk_full', 'disk_io', 'dns_failure', 'feature_flag', 'image_pull_failure',
  'lock_contention', 'memory_exhaustion', 'missing_config_or_secret', 'network_latency', 'network_partition',
  'node_failure', 'none', 'packet_loss', 'permission_denied', 'queue_backlog', 'quota_exceeded', 'replication_lag',
  'rollout_stuck', 'scheduled_job_failure', 'slow_query', 'storage_volume_failure', 'third_party_outage',
  'thread_or_fd_exhaustion', 'tls_certificate', 'traffic_spike', 'unschedulable', 'wrong_configuration',
  'wrong_port_or_selector'"""


def upgrade() -> None:
    _judgements()
    _analyses()


def _judgements() -> None:
    op.drop_constraint(_RANKS, "hypotheses")
    op.create_unique_constraint(
        _RANKS, "hypotheses", ["tenant_id", "incident_id", "run", "rank"], deferrable=True, initially="DEFERRED"
    )
    op.add_column("hypotheses", sa.Column("source", sa.Text(), server_default="rules", nullable=False))
    op.create_table(
        "judgements",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("cause_code", sa.Text(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("check_outcome", sa.Text(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by", sa.Text(), server_default="", nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(f"cause_code in ({_CAUSES})", name=op.f("ck_judgements_cause_code")),
        sa.CheckConstraint(
            "check_outcome in ('refutes', 'supports', 'unclear')", name=op.f("ck_judgements_check_outcome")
        ),
        sa.CheckConstraint("verdict in ('confirmed', 'rejected')", name=op.f("ck_judgements_verdict")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_judgements_tenant_id_project_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "incident_id"],
            ["incidents.tenant_id", "incidents.id"],
            name=op.f("fk_judgements_tenant_id_incident_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_judgements")),
        sa.UniqueConstraint(
            "tenant_id",
            "incident_id",
            "component",
            "cause_code",
            name=op.f("uq_judgements_tenant_id_incident_id_component_cause_code"),
        ),
    )
    confirmed, decided = sa.text("verdict = 'confirmed'"), sa.text("verdict is not null")
    op.create_index(
        "uq_judgements_confirmed", "judgements", ["tenant_id", "incident_id"], unique=True, postgresql_where=confirmed
    )
    op.create_index(
        "ix_judgements_decided", "judgements", ["tenant_id", "project_id", "decided_at"], postgresql_where=decided
    )
    isolate("judgements", app="select, insert, update")


def _analyses() -> None:
    op.create_table(
        "analyses",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("leader_id", sa.Uuid(), nullable=False),
        sa.Column("run", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("analysed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("running_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["incidents.tenant_id", "incidents.id"],
            name=op.f("fk_analyses_tenant_id_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_analyses_tenant_id_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_analyses")),
    )
    isolate("analyses", app="select, insert, update")
    # Which open incidents have news since their last analysis.
    admit_system("analyses", select="tenant_id, id, project_id, seen, asked_at")
    op.execute(f"grant select (state) on incidents to {SYSTEM}")  # its policy is there since 0001
    op.create_index(
        "ix_event_log_changes",
        "event_log",
        ["tenant_id", "project_id", "at"],
        postgresql_where=sa.text("type = 'change.recorded'"),
    )
