"""What lists read quickly: names of alerts, words of comments, what fires. And letting go of what is over."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from infra.migrations.row_policies import admit_system

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

WORDS = r"""
  setweight(to_tsvector('english', 'INC-' || number::text || ' ' || number::text), 'A')
  || setweight(to_tsvector('english', title || ' ' || regexp_replace(title, '([a-z0-9])([A-Z])', '\1 \2', 'g')), 'A')
  || setweight(to_tsvector('english', service_name), 'B')
  || setweight(jsonb_to_tsvector('english', labels, '["key", "string"]'), 'C')
  || setweight(to_tsvector('english', alert_names::text || ' '
                 || regexp_replace(alert_names::text, '([a-z0-9])([A-Z])', '\1 \2', 'g')), 'C')
  || setweight(to_tsvector('english', description), 'D')
  || setweight(comment_words, 'D')
  || array_to_tsvector(array['project:' || project_id::text])"""


def upgrade() -> None:
    op.add_column(
        "incidents",
        sa.Column("alert_names", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
    )
    op.add_column("incidents", sa.Column("comment_words", postgresql.TSVECTOR(), server_default="", nullable=False))
    op.execute(f"alter table incidents alter column search set expression as ({WORDS})")
    op.create_index(
        "ix_alerts_firing",
        "alerts",
        ["tenant_id", "project_id", "id"],
        postgresql_where=sa.text("fired and not resolved"),
    )
    op.create_index("ix_inbox_at", "inbox", ["at"])
    op.create_index("ix_password_resets_expires", "password_resets", ["expires_at"])
    admit_system("inbox", select="tenant_id, id, consumer, at", delete="all")
    admit_system("password_resets", select="expires_at", delete="all")
