"""Incidents, what they are linked to, what people say about them, and the steps of their analysis."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from shared.incidents.lifecycle import OPEN, State
from shared.incidents.values import LinkKind
from shared.platform.tables import Base, TenantTable, project_key

_OPEN_STATES = ", ".join(f"'{state}'" for state in sorted(OPEN))
_ALL_STATES = ", ".join(f"'{state}'" for state in sorted(State))
_LINK_KINDS = ", ".join(f"'{kind}'" for kind in LinkKind)
IS_OPEN = f"state in ({_OPEN_STATES})"
IS_CLOSED = f"state not in ({_OPEN_STATES})"

# What full-text search looks in. CamelCase is also read as separate words, for so alerts are named. The project is a
# word as well, so that the index, which spans all tenants, is asked for both at once.
_WORDS = """
  setweight(to_tsvector('english', 'INC-' || number::text || ' ' || number::text), 'A')
  || setweight(to_tsvector('english', title || ' ' || regexp_replace(title, '([a-z0-9])([A-Z])', '\\1 \\2', 'g')), 'A')
  || setweight(to_tsvector('english', service_name), 'B')
  || setweight(jsonb_to_tsvector('english', labels, '["key", "string"]'), 'C')
  || setweight(to_tsvector('english', alert_names::text || ' '
                 || regexp_replace(alert_names::text, '([a-z0-9])([A-Z])', '\\1 \\2', 'g')), 'C')
  || setweight(to_tsvector('english', description), 'D')
  || setweight(comment_words, 'D')
  || array_to_tsvector(array['project:' || project_id::text])"""
_SEVERITY_RANK = "array_position(array['info', 'low', 'medium', 'high', 'critical'], severity)"


def incident_key(column: str = "incident_id") -> ForeignKeyConstraint:
    """Return the foreign key of a table whose rows belong to an incident, composite with the tenant."""
    return ForeignKeyConstraint(["tenant_id", column], ["incidents.tenant_id", "incidents.id"], ondelete="CASCADE")


class IncidentRow(TenantTable, Base):
    """An incident. Of those with one grouping key, at most one is open: the database itself sees to it.

    `lead_*` name the earliest alert, which gives the title; `due_at` is when the machine looks at it by itself.
    `chosen` names the fields that people have set, which the machine leaves alone. An incident that is `merged_into`
    another has given it its alerts; `reopens` says that it was open then, and unmerging opens it again.
    While one of its alerts flaps, `flapping_until` is when that would be calm.

    `alert_names` has the names of its alerts, each once, and `comment_words` the words of its comments: searches and
    comparisons would otherwise have to gather them.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        project_key(),
        UniqueConstraint("tenant_id", "project_id", "number"),
        Index(
            "uq_incidents_open", "tenant_id", "project_id", "grouping_key", unique=True, postgresql_where=text(IS_OPEN)
        ),
        Index("ix_incidents_grouping", "tenant_id", "project_id", "grouping_key", "created_at"),
        Index("ix_incidents_newest", "tenant_id", "project_id", "created_at", "id"),
        Index("ix_incidents_updated", "tenant_id", "project_id", "updated_at", "id"),
        Index("ix_incidents_severity", "tenant_id", "project_id", "severity_rank", "created_at", "id"),
        Index("ix_incidents_state", "tenant_id", "project_id", "state", "created_at", "id"),
        Index("ix_incidents_service", "tenant_id", "project_id", "service_name", "created_at", "id"),
        Index(
            "ix_incidents_assignee",
            "tenant_id",
            "project_id",
            "assignee_id",
            "created_at",
            "id",
            postgresql_where=text("assignee_id is not null"),
        ),
        Index(
            "ix_incidents_archived",
            "tenant_id",
            "project_id",
            "created_at",
            "id",
            postgresql_where=text("archived_at is not null"),
        ),
        Index(
            "ix_incidents_flapping",
            "tenant_id",
            "project_id",
            "created_at",
            "id",
            postgresql_where=text("flapping_until is not null"),
        ),
        Index("ix_incidents_search", "search", postgresql_using="gin"),
        Index("ix_incidents_due", "due_at", postgresql_where=text("due_at is not null")),
        Index("ix_incidents_over", "tenant_id", "updated_at", "id", postgresql_where=text(IS_CLOSED)),
        Index("ix_incidents_merged", "tenant_id", "merged_into", postgresql_where=text("merged_into is not null")),
        ForeignKeyConstraint(["tenant_id", "assignee_id"], ["users.tenant_id", "users.id"]),
        ForeignKeyConstraint(["tenant_id", "merged_into"], ["incidents.tenant_id", "incidents.id"]),
        CheckConstraint(f"merged_into is null or {IS_CLOSED}", name="merged"),
        CheckConstraint(f"archived_at is null or {IS_CLOSED}", name="archived"),
        CheckConstraint(f"state in ({_ALL_STATES})", name="state"),
        CheckConstraint("severity in ('critical', 'high', 'medium', 'low', 'info')", name="severity"),
    )

    project_id: Mapped[UUID]
    number: Mapped[int]
    grouping_key: Mapped[str]
    title: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    severity: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=State.DETECTED.value)
    state_since: Mapped[datetime]
    service_name: Mapped[str]
    version: Mapped[int] = mapped_column(server_default="1")
    started_at: Mapped[datetime]
    lead_fingerprint: Mapped[str]
    truncated_alerts: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    mitigated_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    assignee_id: Mapped[UUID | None]
    labels: Mapped[dict[str, str]] = mapped_column(server_default="{}")
    chosen: Mapped[list[str]] = mapped_column(server_default="{}")
    alert_names: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    comment_words: Mapped[str] = mapped_column(TSVECTOR, server_default="", deferred=True)
    merged_into: Mapped[UUID | None]
    reopens: Mapped[bool] = mapped_column(server_default=text("false"))
    archived_at: Mapped[datetime | None]
    severity_rank: Mapped[int] = mapped_column(Computed(_SEVERITY_RANK, persisted=True), deferred=True)
    search: Mapped[str] = mapped_column(TSVECTOR, Computed(_WORDS, persisted=True), deferred=True)
    flapping_until: Mapped[datetime | None]


class LinkRow(TenantTable, Base):
    """Two incidents that have to do with each other. A link that was taken away keeps its row, and may return.

    `reason` says why the machine made it, and `via` which services depend on each other on the way, caller first.
    """

    __tablename__ = "incident_links"
    __table_args__ = (
        incident_key(),
        incident_key("other_id"),
        UniqueConstraint("tenant_id", "incident_id", "other_id", "kind"),
        Index("ix_incident_links_other", "tenant_id", "other_id"),
        CheckConstraint(f"kind in ({_LINK_KINDS})", name="kind"),
    )

    incident_id: Mapped[UUID]
    other_id: Mapped[UUID]
    kind: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")
    via: Mapped[list[str]] = mapped_column(server_default="{}")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    removed_at: Mapped[datetime | None]


class CommentRow(TenantTable, Base):
    """What somebody said about an incident, as Markdown. Of a deleted one only the author and the times are left."""

    __tablename__ = "comments"
    __table_args__ = (incident_key(), Index("ix_comments_incident", "tenant_id", "incident_id", "id"))

    incident_id: Mapped[UUID]
    author_kind: Mapped[str]
    author_id: Mapped[UUID]
    author_name: Mapped[str]
    body: Mapped[str]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class StepRow(TenantTable, Base):
    """One phase of one analysis run, for the pipeline that people see."""

    __tablename__ = "analysis_steps"
    __table_args__ = (
        incident_key(),
        UniqueConstraint("tenant_id", "incident_id", "run", "step_type"),
        CheckConstraint("status in ('pending', 'running', 'completed', 'failed', 'skipped')", name="status"),
    )

    incident_id: Mapped[UUID]
    run: Mapped[int]
    step_type: Mapped[str]
    status: Mapped[str]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


class PostmortemRow(TenantTable, Base):
    """What people write down about an incident, as Markdown; and as it was when they last published it.

    An action item is `{title, owner, due, done}`, with `due` as an ISO date or null. `published_version` is the version
    that was published; a greater `version` has edits since.
    """

    __tablename__ = "postmortems"
    __table_args__ = (incident_key(), UniqueConstraint("tenant_id", "incident_id"))

    incident_id: Mapped[UUID]
    body: Mapped[str]
    action_items: Mapped[list[dict[str, Any]]]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    published_body: Mapped[str | None]
    published_action_items: Mapped[list[dict[str, Any]] | None]
    published_version: Mapped[int | None]
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None]


class SavedViewRow(TenantTable, Base):
    """A named set of filters of the list of incidents: its owner's, or `shared` with the whole project.

    The owner is a person or an API key. Views are never deleted: `removed_at` hides them.
    """

    __tablename__ = "saved_views"
    __table_args__ = (
        project_key(),
        Index(
            "uq_saved_views_name",
            "tenant_id",
            "project_id",
            "owner_id",
            "name",
            unique=True,
            postgresql_where=text("removed_at is null"),
        ),
    )

    project_id: Mapped[UUID]
    owner_id: Mapped[UUID]
    name: Mapped[str]
    filters: Mapped[dict[str, Any]]
    shared: Mapped[bool] = mapped_column(server_default=text("false"))
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
