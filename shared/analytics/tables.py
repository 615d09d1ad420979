"""What analytics know of each incident, computed from its row, its alerts and the event log; and how far that is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.platform.tables import Base, TenantTable, project_key


class FactsRow(TenantTable, Base):
    """The figures of one incident (`id` is its own), in whole seconds. Merged and archived ones are not `counted`.

    `acknowledge_seconds` is until a person first took it up; the others are until it was mitigated and resolved, null
    while it is not, or not any more. `people_seconds` is how long people were busy with it, all together. `alert_name`
    is what most of its alerts are called, empty where they have no name.

    No foreign key leads to the incident: checking it would wait for whoever moves that one, and make them wait.
    """

    __tablename__ = "incident_facts"
    __table_args__ = (
        project_key(),
        Index("ix_incident_facts_created", "tenant_id", "project_id", "created_at"),
        Index("ix_incident_facts_service", "tenant_id", "project_id", "service_name", "created_at"),
    )

    project_id: Mapped[UUID]
    counted: Mapped[bool]
    created_at: Mapped[datetime]
    state: Mapped[str]
    severity: Mapped[str]
    service_name: Mapped[str]
    acknowledge_seconds: Mapped[int | None]
    mitigate_seconds: Mapped[int | None]
    resolve_seconds: Mapped[int | None]
    resolved_by_machine: Mapped[bool]
    reopened: Mapped[int]
    flapped: Mapped[bool]
    alerts: Mapped[int]
    alert_name: Mapped[str]
    people_seconds: Mapped[int]


class PresenceRow(TenantTable, Base):
    """What a person had to do with an incident (`id`): whether they were the one who acknowledged or resolved it.

    What incidents are chosen by stands here again, so that counting people needs no join.
    """

    __tablename__ = "incident_presence"
    __table_args__ = (
        project_key(),
        Index("ix_incident_presence_created", "tenant_id", "project_id", "created_at"),
        Index("ix_incident_presence_person", "tenant_id", "project_id", "person_id"),
    )

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID]
    counted: Mapped[bool]
    created_at: Mapped[datetime]
    severity: Mapped[str]
    service_name: Mapped[str]
    acknowledged: Mapped[bool]
    resolved: Mapped[bool]
    seconds: Mapped[int]


class ProgressRow(TenantTable, Base):
    """How far the facts of a project (`id`) are: they know all that the database snapshot `seen` shows.

    While a round goes on, they also know what `coming` shows of the incidents up to `reached`. `floor` is the oldest
    transaction that `seen` may not show.
    """

    __tablename__ = "analytics_progress"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "id"], ["projects.tenant_id", "projects.id"], ondelete="CASCADE"),
    )

    seen: Mapped[str | None]
    floor: Mapped[int] = mapped_column(BigInteger, server_default="0")
    coming: Mapped[str | None]
    reached: Mapped[UUID | None]
