"""What a measure's source was asked, and its course, beside the sentence that it became."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Both are told of one run, and written once."""
    op.add_column("evidence", sa.Column("query", sa.Text(), nullable=True))
    op.add_column("evidence", sa.Column("series", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
