"""Where notifications go, and how each one went."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from shared.notifications.values import ChannelKind, DeliveryStatus
from shared.platform.tables import Base, Sealed, TenantTable, project_key

_KINDS = ", ".join(f"'{kind}'" for kind in sorted(ChannelKind))
_STATUSES = ", ".join(f"'{status}'" for status in sorted(DeliveryStatus))


class ChannelRow(TenantTable, Base):
    """A place that people chose to be told in. `config` is sealed: such URLs are secrets by themselves.

    `destination` is what may be shown of it: a host, or an address. A deleted channel is off and has no config; it
    stays for its deliveries.
    """

    __tablename__ = "notification_channels"
    __table_args__ = (
        project_key(),
        Index("ix_notification_channels_project", "tenant_id", "project_id"),
        CheckConstraint(f"kind in ({_KINDS})", name="kind"),
        CheckConstraint("min_severity in ('critical', 'high', 'medium', 'low', 'info')", name="min_severity"),
    )

    project_id: Mapped[UUID]
    kind: Mapped[str]
    name: Mapped[str]
    destination: Mapped[str]
    config: Mapped[Sealed | None]
    events: Mapped[list[str]]
    min_severity: Mapped[str]
    enabled: Mapped[bool]
    version: Mapped[int]
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class DeliveryRow(TenantTable, Base):
    """One notice for one channel: of an event, one only, whatever is delivered twice. A test has no event.

    `due_at` is when it is tried next, null once nothing is left to do; during a try, when that try counts as lost.
    """

    __tablename__ = "notification_deliveries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "channel_id"],
            ["notification_channels.tenant_id", "notification_channels.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("tenant_id", "channel_id", "event_id"),
        Index("ix_notification_deliveries_due", "due_at", postgresql_where=text("due_at is not null")),
        Index("ix_notification_deliveries_created", "created_at"),
        CheckConstraint(f"status in ({_STATUSES})", name="status"),
    )

    channel_id: Mapped[UUID]
    event_id: Mapped[UUID | None]
    event_type: Mapped[str]
    incident_id: Mapped[UUID | None]
    notice: Mapped[dict[str, Any]]
    status: Mapped[str]
    attempts: Mapped[int]
    response_code: Mapped[int | None]
    error: Mapped[str]
    created_at: Mapped[datetime]
    attempted_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
