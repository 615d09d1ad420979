"""When an event's work was last sent to its queues: what waits there has not been tried."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.roles import SYSTEM

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("event_log", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(f"grant update (sent_at) on event_log to {SYSTEM}")
