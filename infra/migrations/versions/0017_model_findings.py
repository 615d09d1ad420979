"""What the model found once, kept for later runs, and what else was proposed when a verdict was given."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("judgements", sa.Column("ranking", JSONB(), server_default="[]", nullable=False))
    op.add_column("analyses", sa.Column("findings", JSONB(), server_default="[]", nullable=False))
