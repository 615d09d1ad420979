"""What every mapped class shares, and the tables of the platform itself."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Text that the vault has sealed for this very column; `scripts/rekey` finds all of them.
Sealed = Annotated[str, mapped_column(info={"sealed": True})]


class Base(DeclarativeBase):
    """One naming law for constraints, so that migrations can name what they change."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    # Server defaults are not read back: the system's role may insert rows of tables that it may not read.
    __mapper_args__: Any = {"eager_defaults": False}  # noqa: RUF012 - SQLAlchemy declares it so
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        UUID: Uuid(),
        datetime: DateTime(timezone=True),
        str: Text(),
        dict[str, Any]: JSONB(),
        dict[str, str]: JSONB(),
        list[dict[str, Any]]: JSONB(),
        list[str]: ARRAY(Text()),
    }


class TenantTable:
    """A table whose every row belongs to one tenant. Its keys, unique and foreign, begin with the tenant.

    Each table names what its rows belong to by a key composite with the tenant, which ties them to the tenant as well.
    """

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)
    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)


def tenant_key() -> ForeignKeyConstraint:
    """Return the foreign key of a table whose rows belong to a tenant directly."""
    return ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE")


def project_key() -> ForeignKeyConstraint:
    """Return the foreign key of a table whose rows belong to a project, composite with the tenant."""
    return ForeignKeyConstraint(["tenant_id", "project_id"], ["projects.tenant_id", "projects.id"], ondelete="CASCADE")


class EventRow(TenantTable, Base):
    """The one append-only log: outbox, timeline, change audit and source of analytics.

    `awaiting` names the queues whose consumers have not finished yet; `due_at` is when the relay looks at the row
    again, null once nothing is left to do. `claims` counts tries to send it, and `sent_at` is when it last was. `seq`
    counts a project's live events and is given by the relay, after the commit: numbers taken before it would let a
    reader's cursor skip slow transactions. `recorded_in` is the transaction that recorded the row, by which a reader of
    pages finds what was committed between two of them.
    """

    __tablename__ = "event_log"
    __table_args__ = (
        project_key(),
        Index("ix_event_log_due", "due_at", postgresql_where=text("due_at is not null")),
        Index("ix_event_log_at", "tenant_id", "at", "id"),
        Index("ix_event_log_incident", "tenant_id", "incident_id", "position"),
        Index(
            "ix_event_log_recorded",
            "tenant_id",
            "project_id",
            "recorded_in",
            postgresql_where=text("incident_id is not null"),
        ),
        Index(
            "ix_event_log_changes",
            "tenant_id",
            "project_id",
            "at",
            postgresql_where=text("type = 'change.recorded'"),
        ),
        Index(
            "uq_event_log_seq", "tenant_id", "project_id", "seq", unique=True, postgresql_where=text("seq is not null")
        ),
    )

    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    recorded_in: Mapped[int] = mapped_column(BigInteger, server_default=text("pg_current_xact_id()::text::bigint"))
    project_id: Mapped[UUID]
    type: Mapped[str]
    subject_id: Mapped[UUID]
    incident_id: Mapped[UUID | None]
    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(server_default="")
    data: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    changes: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    note: Mapped[str] = mapped_column(server_default="")
    trace: Mapped[str] = mapped_column(server_default="")
    seq: Mapped[int | None] = mapped_column(BigInteger)
    awaiting: Mapped[list[str]] = mapped_column(server_default="{}")
    due_at: Mapped[datetime | None] = mapped_column(server_default=text("now()"))
    claims: Mapped[int] = mapped_column(server_default="0")
    sent_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]


class InboxRow(TenantTable, Base):
    """That a consumer has finished a message (`id`), written in the transaction that finished it."""

    __tablename__ = "inbox"
    __table_args__ = (tenant_key(), Index("ix_inbox_at", "at"))

    consumer: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class DeadLetterRow(TenantTable, Base):
    """What could not be processed, with its reason, for people to see."""

    __tablename__ = "dead_letters"
    __table_args__ = (
        project_key(),
        UniqueConstraint("tenant_id", "source", "digest"),
        Index("ix_dead_letters_at", "tenant_id", "project_id", "at"),
        Index("ix_dead_letters_age", "at"),
    )

    project_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    source: Mapped[str]
    reason: Mapped[str]
    content: Mapped[str]
    digest: Mapped[str]


class IdempotencyRow(TenantTable, Base):
    """A caller's `Idempotency-Key`, with the sealed answer once it was given."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "actor_id", "operation", "key"),
        Index("ix_idempotency_keys_created_at", "created_at"),
    )

    actor_id: Mapped[UUID]
    operation: Mapped[str]
    key: Mapped[str]
    digest: Mapped[str]
    answer: Mapped[Sealed | None]
    created_at: Mapped[datetime]


class CounterRow(Base):
    """A project's own counting: of incident numbers, and of live events."""

    __tablename__ = "project_counters"
    __table_args__ = (project_key(),)

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger, server_default="0")
