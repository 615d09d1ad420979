"""What analytics know of each incident, computed from its row, its alerts and the event log; and how far that is.

The rest are sums of these rows over blocks of time, so that a year need not be counted anew: of no row but theirs, and
changed together with it.
"""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from shared.platform.tables import Base, TenantTable, project_key

DURATIONS: Final = ("acknowledge", "mitigate", "resolve")
_COUNTED: Final = text("counted")
_ASKED: Final = ["created_at", "id", "severity", "service_name"]  # without them, each row would be looked at

Sum = Annotated[int, mapped_column(BigInteger())]


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
        *(
            Index(
                f"ix_incident_facts_{one}",
                "tenant_id",
                "project_id",
                f"{one}_seconds",
                postgresql_include=_ASKED,
                postgresql_where=_COUNTED,
            )
            for one in DURATIONS
        ),
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
        Index("ix_incident_presence_service", "tenant_id", "project_id", "service_name", "created_at"),
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


class RollupRow(TenantTable):
    """Sums over the incidents of a project (`id`) that were opened in a block of time and are alike.

    Keys begin with what stands here, as reads do; those of each table come behind it.
    """

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[ForeignKeyConstraint]:
        """Return the key that ties rows to their project."""
        columns = ["projects.tenant_id", "projects.id"]
        return (ForeignKeyConstraint(["tenant_id", "id"], columns, ondelete="CASCADE"),)

    begins: Mapped[datetime] = mapped_column(primary_key=True)
    severity: Mapped[str] = mapped_column(primary_key=True)


class CountsRow(RollupRow):
    """How many incidents there are, of what kind, and what of theirs adds up."""

    incidents: Mapped[Sum]
    open: Mapped[Sum]
    alerts: Mapped[Sum]
    joined: Mapped[Sum]
    people_seconds: Mapped[Sum]
    reopened: Mapped[Sum]
    flapping: Mapped[Sum]
    resolved_by_machine: Mapped[Sum]
    acknowledge_count: Mapped[Sum]
    acknowledge_sum: Mapped[Sum]
    mitigate_count: Mapped[Sum]
    mitigate_sum: Mapped[Sum]
    resolve_count: Mapped[Sum]
    resolve_sum: Mapped[Sum]


class WeekRow(CountsRow, Base):
    """Also how many are in each state. `kind` is a digest of the two that follow, which are too long to be a key."""

    __tablename__ = "incident_weeks"

    kind: Mapped[bytes] = mapped_column(primary_key=True, sort_order=1)
    service_name: Mapped[str]
    alert_name: Mapped[str]
    detected: Mapped[Sum]
    acknowledged: Mapped[Sum]
    investigating: Mapped[Sum]
    mitigated: Mapped[Sum]
    resolved: Mapped[Sum]
    learned: Mapped[Sum]
    inconclusive: Mapped[Sum]


class HourRow(CountsRow, Base):
    __tablename__ = "incident_hours"


class DayRow(CountsRow, Base):
    __tablename__ = "incident_days"


class DurationWeekRow(RollupRow, Base):
    """How many incidents took how long, by a range of seconds (`step`, see `rollups_sql.STEPS`)."""

    __tablename__ = "duration_weeks"

    step: Mapped[int] = mapped_column(primary_key=True, sort_order=1)
    acknowledge: Mapped[Sum]
    mitigate: Mapped[Sum]
    resolve: Mapped[Sum]


class PresenceWeekRow(RollupRow, Base):
    """What a person had to do with incidents."""

    __tablename__ = "presence_weeks"

    person_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=1)
    incidents: Mapped[Sum]
    acknowledged: Mapped[Sum]
    resolved: Mapped[Sum]
    seconds: Mapped[Sum]
