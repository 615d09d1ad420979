"""Maintenance windows on the wire."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from shared.alerts.matching import PATTERNS, Matcher, Operator, check_pattern
from shared.alerts.recurrence import MAX_RULE, Span, check_rule
from shared.alerts.tables import AlertRow, MaintenanceWindowRow
from shared.alerts.values import MAX_LABEL_NAME, MAX_LABEL_VALUE, Severity
from shared.platform.wire import Instant, Line, Time, Wire, Zone, no_nul

LONGEST: Final = timedelta(days=31)


def _known_rule(rule: str) -> str:
    if rule:
        check_rule(rule)
    return rule


Rule = Annotated[Line, Field(max_length=MAX_RULE), AfterValidator(_known_rule)]
Title = Annotated[Line, Field(min_length=1, max_length=200)]


class WindowStatus(StrEnum):
    """Where a window is in time: it holds alerts now, will, or never will again."""

    ACTIVE = "active"
    UPCOMING = "upcoming"
    PAST = "past"


class MatcherIn(Wire):
    """A condition on one label, as AlertManager has them. A pattern is RE2's and has to match the whole value."""

    label: Annotated[Line, Field(min_length=1, max_length=MAX_LABEL_NAME)]
    operator: Operator = Operator.EQUAL
    value: Annotated[str, AfterValidator(no_nul), Field(max_length=MAX_LABEL_VALUE)]

    @model_validator(mode="after")
    def _runs(self) -> Self:
        if self.operator in PATTERNS:
            check_pattern(self.value)
        return self

    def matcher(self) -> Matcher:
        """Return the condition as a value."""
        return Matcher(label=self.label, operator=self.operator, value=self.value)


Matchers = Annotated[list[MatcherIn], Field(min_length=1, max_length=20)]


class MaintenanceWindowIn(Wire):
    """When and for which alerts no incident opens. All matchers have to match.

    `rule` is an RFC 5545 recurrence without its `RRULE:`, such as `FREQ=WEEKLY;BYDAY=SA`, by the wall clock of
    `timezone`; empty for a window that comes once. A rule without an end goes on for five years.
    """

    title: Title
    matchers: Matchers
    starts_at: Instant
    ends_at: Instant
    rule: Rule = ""
    timezone: Zone = "UTC"


class MaintenanceWindowPatch(Wire):
    """What is absent stays as it is. A new time holds from now on; what is over is not rewritten."""

    title: Title = ""
    matchers: Matchers = Field(default_factory=list)
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    rule: Rule = ""
    timezone: Zone = "UTC"


class PreviewIn(Wire):
    """The matchers to try."""

    matchers: Matchers


class MaintenanceWindowQuery(Wire):
    status: WindowStatus | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None


class MatcherOut(Wire):
    label: str
    operator: Operator
    value: str


class SpanOut(Wire):
    starts_at: Time
    ends_at: Time

    @classmethod
    def of(cls, span: Span | None) -> Self | None:
        return cls(starts_at=span.start, ends_at=span.end) if span else None


class MaintenanceWindowOut(Wire):
    """A window. `current` is the occurrence that holds now, `next` the one after; null where there is none."""

    id: UUID
    project_id: UUID
    title: str
    matchers: list[MatcherOut]
    starts_at: Time
    ends_at: Time
    rule: str
    timezone: str
    status: WindowStatus
    current: SpanOut | None
    next: SpanOut | None
    last_ends_at: Time
    held_count: int
    version: int
    created_at: Time
    cancelled_at: Time | None

    @classmethod
    def of(cls, row: MaintenanceWindowRow, now: datetime, held_count: int) -> Self:
        spans = spans_of(row)
        current = next((span for span in spans if span.start <= now < span.end), None)
        following = next((span for span in spans if span.start > now), None)
        status = WindowStatus.ACTIVE if current else WindowStatus.UPCOMING if following else WindowStatus.PAST
        return cls(
            id=row.id,
            project_id=row.project_id,
            title=row.title,
            matchers=[MatcherOut.model_validate(one) for one in row.matchers],
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            rule=row.rule,
            timezone=row.timezone,
            status=status,
            current=SpanOut.of(current),
            next=SpanOut.of(following),
            last_ends_at=row.last_ends_at,
            held_count=held_count,
            version=row.version,
            created_at=row.created_at,
            cancelled_at=row.cancelled_at,
        )


def spans_of(row: MaintenanceWindowRow) -> list[Span]:
    """Return a window's occurrences in order."""
    return [Span(start=one.lower, end=one.upper) for one in row.times if one.lower and one.upper]


class MatchedAlertOut(Wire):
    id: UUID
    incident_id: UUID | None
    title: str
    severity: Severity
    service_name: str
    firing: bool
    starts_at: Time
    labels: dict[str, str]

    @classmethod
    def of(cls, row: AlertRow) -> Self:
        return cls(
            id=row.id,
            incident_id=row.incident_id,
            title=row.title,
            severity=Severity(row.severity),
            service_name=row.service_name,
            firing=row.fired and not row.resolved,
            starts_at=row.starts_at,
            labels=row.labels,
        )


class PreviewOut(Wire):
    """How many of the alerts of the last 24 hours would match, of how many, and how many of them fire now.

    `alerts` are the newest 50 that match. Of more than 10,000 alerts the newest are looked at; `is_partial` says so.
    """

    looked_at: int
    matched: int
    firing: int
    is_partial: bool
    alerts: list[MatchedAlertOut]
