"""The catalogue: services, and which of them calls which."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from shared.platform.tables import Base, TenantTable, project_key
from shared.services.values import DependencySource, ServiceSource

_SERVICE_SOURCES = ", ".join(f"'{source}'" for source in sorted(ServiceSource))
_DEPENDENCY_SOURCES = ", ".join(f"'{source}'" for source in sorted(DependencySource))


def _service_key(column: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", column], ["services.tenant_id", "services.id"], ondelete="CASCADE")


class ServiceRow(TenantTable, Base):
    """A service. `name` is what alerts and changes call it; `tier` is how much hangs on it, 1 the most.

    One that was removed keeps its row, so that what is learned does not bring it back.
    """

    __tablename__ = "services"
    __table_args__ = (
        project_key(),
        Index(
            "uq_services_name",
            "tenant_id",
            "project_id",
            "name",
            unique=True,
            postgresql_where=text("removed_at is null"),
        ),
        Index("ix_services_any_name", "tenant_id", "project_id", "name"),
        CheckConstraint(f"source in ({_SERVICE_SOURCES})", name="source"),
        CheckConstraint("tier between 1 and 5", name="tier"),
    )

    project_id: Mapped[UUID]
    name: Mapped[str]
    display_name: Mapped[str]
    description: Mapped[str]
    owner: Mapped[str]
    tier: Mapped[int | None]
    runbook_url: Mapped[str]
    links: Mapped[list[dict[str, Any]]]
    source: Mapped[str]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class DependencyRow(TenantTable, Base):
    """That one service calls another. `last_seen_at` is when this was last said or measured.

    One that was removed keeps its row, so that what is learned does not bring it back.
    """

    __tablename__ = "service_dependencies"
    __table_args__ = (
        project_key(),
        _service_key("caller_id"),
        _service_key("callee_id"),
        UniqueConstraint("tenant_id", "caller_id", "callee_id"),
        Index("ix_service_dependencies_project", "tenant_id", "project_id"),
        Index("ix_service_dependencies_callee", "tenant_id", "callee_id"),
        CheckConstraint(f"source in ({_DEPENDENCY_SOURCES})", name="source"),
        CheckConstraint("caller_id <> callee_id", name="two_services"),
    )

    project_id: Mapped[UUID]
    caller_id: Mapped[UUID]
    callee_id: Mapped[UUID]
    source: Mapped[str]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
