"""Changes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from shared.changes.values import ChangeKind
from shared.platform.tables import Base, TenantTable

_KINDS = ", ".join(f"'{kind}'" for kind in sorted(ChangeKind))


class ChangeRow(TenantTable, Base):
    """What somebody did to a component, and when (`at`). Of those with one `external_id`, the first one told counts."""

    __tablename__ = "changes"
    __table_args__ = (
        # The project is the integration's, as with alerts.
        ForeignKeyConstraint(
            ["tenant_id", "integration_id"],
            ["monitoring_integrations.tenant_id", "monitoring_integrations.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("tenant_id", "integration_id", "external_id"),
        Index("ix_changes_newest", "tenant_id", "project_id", "at", "id"),
        Index("ix_changes_component", "tenant_id", "project_id", "component", "at", "id"),
        CheckConstraint(f"kind in ({_KINDS})", name="kind"),
    )

    project_id: Mapped[UUID]
    integration_id: Mapped[UUID]
    external_id: Mapped[str]
    at: Mapped[datetime]
    kind: Mapped[str]
    component: Mapped[str]
    title: Mapped[str]
    detail: Mapped[str]
    author: Mapped[str]
    url: Mapped[str]
    received_at: Mapped[datetime]
