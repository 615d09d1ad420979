"""What is kept of a day of the audit once it is over."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from shared.audit.values import EntryKind, Outcome
from shared.platform.tables import Base, TenantTable, tenant_key


class SealRow(TenantTable, Base):
    """A day's seal. `content` is what was sealed, as canonical JSON, and `digest` its SHA-256.

    `expired_at` is when the day's entries began to be deleted, as their time was over.
    """

    __tablename__ = "audit_seals"
    __table_args__ = (tenant_key(), UniqueConstraint("tenant_id", "day"))

    day: Mapped[date]
    content: Mapped[str]
    digest: Mapped[str]
    sealed_at: Mapped[datetime]
    expired_at: Mapped[datetime | None]


class CountRow(TenantTable, Base):
    """How often somebody did something on a sealed day: statistics need not read the entries again."""

    __tablename__ = "audit_counts"
    __table_args__ = (
        tenant_key(),
        Index("ix_audit_counts_day", "tenant_id", "day"),
        CheckConstraint(f"kind in ({', '.join(sorted(f"'{kind}'" for kind in EntryKind))})", name="kind"),
        CheckConstraint(f"outcome in ({', '.join(sorted(f"'{one}'" for one in Outcome))})", name="outcome"),
    )

    day: Mapped[date]
    kind: Mapped[str]
    project_id: Mapped[UUID | None]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    action: Mapped[str]
    outcome: Mapped[str]
    count: Mapped[int]
