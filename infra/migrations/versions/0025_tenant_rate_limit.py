"""How often a tenant's people and programs may call together, where its owner wants that to be less.

And when sessions run out, so that a timer can close their live connections.
"""

import sqlalchemy as sa
from alembic import op

from infra.migrations.roles import APP
from infra.migrations.row_policies import admit_system

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tenants", sa.Column("rate_limit_per_minute", sa.Integer(), nullable=True))
    op.create_check_constraint(
        op.f("ck_tenants_rate_limit_per_minute"), "tenants", "rate_limit_per_minute between 60 and 1000000"
    )
    op.execute(f"grant update (rate_limit_per_minute) on tenants to {APP}")
    admit_system("sessions", select="tenant_id, user_id, expires_at, revoked_at")
