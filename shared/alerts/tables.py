"""Alert episodes, and the maintenance windows that hold them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSTZMULTIRANGE
from sqlalchemy.dialects.postgresql.ranges import MultiRange
from sqlalchemy.orm import Mapped, mapped_column

from shared.alerts.holding import HoldReason
from shared.platform.tables import Base, TenantTable, project_key

_HOLD_REASONS = ", ".join(f"'{reason}'" for reason in sorted(HoldReason))
IS_HELD = "held_by is not null and incident_id is null"
IS_LOOSE = "incident_id is null and (not fired or resolved)"


class AlertRow(TenantTable, Base):
    """One episode: (integration, fingerprint, start). What is known of it only ever grows.

    `fired` and `resolved` are what senders said, in whatever order; `fired_at` and `cleared_at` are when we first knew
    that it fired, and that it fired and resolved. An alert that never fired has no incident. `grouping` says why it
    went where it went; `merged_from` is the incident that it would belong to, were that one not merged into another.

    `expires_at` is until when a firing alert counts as such if nobody repeats it, and `missing_since` is since when its
    sender, when asked, has not known it. `lapsed_at` is when it was therefore taken for resolved: the one fact that is
    taken back, once the sender repeats the alert.

    An alert that fired and has no incident is held: `held_by` says why, and stays when it joins one later; the machine
    looks at it again at `held_until`, null once that is over. `held_key` is the grouping key it waits with.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        # The project is the integration's; a key of its own would cost a check for every alert.
        ForeignKeyConstraint(
            ["tenant_id", "integration_id"],
            ["monitoring_integrations.tenant_id", "monitoring_integrations.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(["tenant_id", "incident_id"], ["incidents.tenant_id", "incidents.id"]),
        ForeignKeyConstraint(["tenant_id", "merged_from"], ["incidents.tenant_id", "incidents.id"]),
        UniqueConstraint("tenant_id", "integration_id", "fingerprint", "starts_at"),
        Index("ix_alerts_incident", "tenant_id", "incident_id", "id"),
        Index("ix_alerts_merged_from", "tenant_id", "merged_from", postgresql_where=text("merged_from is not null")),
        Index(
            "ix_alerts_open",
            "tenant_id",
            "integration_id",
            postgresql_where=text("fired and (not resolved or lapsed_at is not null)"),
        ),
        Index("ix_alerts_expiring", "expires_at", postgresql_where=text("expires_at is not null and not resolved")),
        Index("ix_alerts_firing", "tenant_id", "project_id", "id", postgresql_where=text("fired and not resolved")),
        Index("ix_alerts_held", "tenant_id", "project_id", "id", postgresql_where=text(IS_HELD)),
        Index(
            "ix_alerts_suppressed",
            "tenant_id",
            "project_id",
            "fired_at",
            postgresql_where=text("held_by = 'suppressed'"),
        ),
        Index("ix_alerts_loose", "tenant_id", "starts_at", postgresql_where=text(IS_LOOSE)),
        Index("ix_alerts_held_until", "held_until", postgresql_where=text("held_until is not null")),
        CheckConstraint("severity in ('critical', 'high', 'medium', 'low', 'info')", name="severity"),
        CheckConstraint(f"held_by in ({_HOLD_REASONS})", name="held_by"),
    )

    project_id: Mapped[UUID]
    integration_id: Mapped[UUID]
    fingerprint: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    fired: Mapped[bool]
    resolved: Mapped[bool]
    fired_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]
    incident_id: Mapped[UUID | None]
    merged_from: Mapped[UUID | None]
    severity: Mapped[str]
    title: Mapped[str]
    service_name: Mapped[str]
    labels: Mapped[dict[str, str]]
    annotations: Mapped[dict[str, str]]
    generator_url: Mapped[str]
    content_hash: Mapped[str]
    grouping: Mapped[dict[str, Any]]
    cut: Mapped[bool] = mapped_column(server_default=text("false"))
    held_by: Mapped[str | None]
    held_until: Mapped[datetime | None]
    held_key: Mapped[str | None]
    window_id: Mapped[UUID | None]
    flapping: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime | None]
    missing_since: Mapped[datetime | None]
    lapsed_at: Mapped[datetime | None]


class MaintenanceWindowRow(TenantTable, Base):
    """A time in which alerts that match open no incident.

    `starts_at` to `ends_at` is its first occurrence and `rule` how it recurs, empty for never. `times` are all its
    occurrences, as they were and as they are planned: what is over is never rewritten, and what is ended early or
    cancelled is cut off. `last_ends_at` is when the last of them ends.
    """

    __tablename__ = "maintenance_windows"
    __table_args__ = (
        project_key(),
        Index("ix_maintenance_windows_last", "tenant_id", "project_id", "last_ends_at"),
    )

    project_id: Mapped[UUID]
    title: Mapped[str]
    matchers: Mapped[list[dict[str, Any]]]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    rule: Mapped[str]
    timezone: Mapped[str]
    times: Mapped[MultiRange[datetime]] = mapped_column(TSTZMULTIRANGE())
    last_ends_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
