"""Where alerts come from, and how it went when they were asked for their health."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.integrations.values import IntegrationKind
from shared.platform.tables import Base, Sealed, TenantTable, project_key

_KINDS = ", ".join(f"'{kind}'" for kind in sorted(IntegrationKind))


class IntegrationRow(TenantTable, Base):
    """A sender. Its ingest tokens carry `token_version`; raising it ends those that were given before.

    The tokens of the version before hold until `previous_until`. `credentials` is the sealed `Authorization` header for
    calls to `base_url`. `version` counts the changes that people make.
    """

    __tablename__ = "monitoring_integrations"
    __table_args__ = (
        project_key(),
        Index("ix_monitoring_integrations_project", "tenant_id", "project_id"),
        CheckConstraint(f"kind in ({_KINDS})", name="kind"),
    )

    project_id: Mapped[UUID]
    kind: Mapped[str]
    name: Mapped[str]
    base_url: Mapped[str | None]
    credentials: Mapped[Sealed | None]
    version: Mapped[int] = mapped_column(server_default="1")
    token_version: Mapped[int] = mapped_column(server_default="1")
    previous_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    revoked_at: Mapped[datetime | None]


class IntegrationCheckRow(TenantTable, Base):
    """One look at an integration's health. `detail` says in our words what was wrong, empty when nothing."""

    __tablename__ = "integration_checks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "integration_id"],
            ["monitoring_integrations.tenant_id", "monitoring_integrations.id"],
            ondelete="CASCADE",
        ),
        Index("ix_integration_checks_newest", "tenant_id", "integration_id", "at"),
        Index("ix_integration_checks_at", "at"),
    )

    integration_id: Mapped[UUID]
    at: Mapped[datetime]
    ok: Mapped[bool]
    latency_ms: Mapped[int]
    detail: Mapped[str]
