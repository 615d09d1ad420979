"""What the system's role may read to show how the deployment is: numbers over all tenants, and nobody's content."""

from alembic import op

from infra.migrations.roles import SYSTEM
from infra.migrations.row_policies import admit_system

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(f"grant select (severity) on incidents to {SYSTEM}")  # its policy is there since 0001
    admit_system("dead_letters", select="source")
    admit_system("ai_budgets", select="month, limit_usd, spent_usd, reserved_usd")
