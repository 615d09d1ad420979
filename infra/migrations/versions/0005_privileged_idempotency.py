"""Idempotency keys of requests that the system's role carries out: a new project."""

from alembic import op

from infra.migrations.roles import SYSTEM
from infra.migrations.row_policies import admit_system

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    admit_system("idempotency_keys", insert="all")
    op.execute(f"grant select (id) on idempotency_keys to {SYSTEM}")
