"""Where alerts come from."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.platform.tables import Base, TenantTable, project_key


class IntegrationRow(TenantTable, Base):
    """A sender. Its ingest tokens carry `token_version`; raising it ends those that were given before."""

    __tablename__ = "monitoring_integrations"
    __table_args__ = (
        project_key(),
        Index("ix_monitoring_integrations_project", "tenant_id", "project_id"),
        CheckConstraint("kind in ('alertmanager', 'grafana', 'prometheus')", name="kind"),
    )

    project_id: Mapped[UUID]
    kind: Mapped[str]
    name: Mapped[str]
    token_version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    revoked_at: Mapped[datetime | None]
