"""The audit on the wire."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from shared.audit.digest import Fault
from shared.audit.values import EntryKind, Outcome
from shared.kernel.values import ActorKind
from shared.platform.wire import Instant, Line, Time, Wire


class Filters(Wire):
    """Which entries: of a person or program (`person`, an id), of an operation or a type of event (`action`), about a
    resource (its id), of an outcome, at `from` or later and before `to`, and with a text in any of their words.

    Without `from`, those of the 30 days before `to`; without `to`, up to now.
    """

    person: UUID | None = None
    action: Annotated[str, Field(pattern=r"^[a-z_.]{1,100}$")] | None = None
    resource: UUID | None = None
    outcome: Outcome | None = None
    since: Annotated[Instant | None, Field(alias="from")] = None
    until: Annotated[Instant | None, Field(alias="to")] = None
    q: Annotated[Line, Field(max_length=200)] | None = None


class AuditQuery(Filters):
    """A page of entries, the newest first.

    A page looks at some thousand entries at most, so it may hold fewer than `limit`, or none, and have a `next_cursor`.
    """

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, Field(max_length=500)] | None = None


class ExportFormat(StrEnum):
    CSV = "csv"
    JSON_LINES = "jsonl"


class ExportKind(StrEnum):
    CALLS = "calls"
    CHANGES = "changes"


class ExportQuery(Filters):
    """What to export, and from where on: `cursor` is in the `Link` header of the part before."""

    kind: ExportKind = ExportKind.CHANGES
    format: ExportFormat = ExportFormat.CSV
    cursor: Annotated[str, Field(max_length=500)] | None = None


class ActorOut(Wire):
    """Who did it. The name is what it was then; the id is null of the machine itself, and of nobody known."""

    kind: ActorKind
    id: UUID | None
    name: str


class CallOut(Wire):
    """Somebody called. `address` is empty where the platform did not say from where."""

    kind: Literal[EntryKind.CALL] = EntryKind.CALL
    at: Time
    actor: ActorOut
    project_id: UUID | None
    action: str
    method: str
    path: str
    outcome: Outcome
    status: int
    duration_ms: float
    address: str
    request_id: str
    trace_id: str


class FieldOut(Wire):
    """What a field was and what it became, secrets masked; null where there was nothing, or nothing is left."""

    before: Any
    after: Any


class ChangeOut(Wire):
    """Something changed. `changes` holds only the fields that did; `details` says what else was told of it."""

    kind: Literal[EntryKind.CHANGE] = EntryKind.CHANGE
    at: Time
    id: UUID
    actor: ActorOut
    project_id: UUID
    action: str
    resource_id: UUID
    incident_id: UUID | None
    changes: dict[str, FieldOut]
    details: dict[str, Any]
    note: str
    trace_id: str


type EntryOut = Annotated[CallOut | ChangeOut, Field(discriminator="kind")]


class DaysQuery(Wire):
    """The days from `from` to `to`, both included, of UTC; without `from`, the 30 days up to `to`, and that is today.

    At most 366 days.
    """

    since: Annotated[date | None, Field(alias="from", ge=date(2000, 1, 1), lt=date(2100, 1, 1))] = None
    until: Annotated[date | None, Field(alias="to", ge=date(2000, 1, 1), lt=date(2100, 1, 1))] = None


class TotalsOut(Wire):
    """How many calls there were, how many of them were refused or failed, and how many changes."""

    calls: int
    refused: int
    failed: int
    changes: int


class PersonTotalsOut(TotalsOut):
    actor: ActorOut


class ActionTotalsOut(TotalsOut):
    action: str


class DayTotalsOut(TotalsOut):
    day: date


class FirstTimeOut(Wire):
    """Somebody did something that they never did before, as far back as the audit is kept."""

    actor: ActorOut
    action: str
    day: date


class StatsOut(TotalsOut):
    """Sums of the days from `since` to `until`. People and actions are the hundred with most entries.

    `is_whole` is false where days that are not sealed yet have more entries than are counted at once.
    """

    since: date
    until: date
    by_person: list[PersonTotalsOut]
    by_action: list[ActionTotalsOut]
    by_day: list[DayTotalsOut]
    first_times: list[FirstTimeOut]
    is_whole: bool


class MismatchOut(Wire):
    """The first day that is not as it was sealed: of its `calls`, its `changes` or the `seal` itself, and why."""

    day: date
    part: Literal["calls", "changes", "seal"]
    fault: Fault
    sealed_count: int | None
    found_count: int | None


class VerifyOut(Wire):
    """What came of comparing the days from `since` to `until` with their seals.

    `verified` days are as they were sealed. Of `expired` ones the seal was compared, for their entries' time is over.
    Days from `open_from` on are not sealed yet. Where `next_day` is given, time was up: ask again from that day.
    """

    since: date
    until: date
    intact: bool
    verified: int
    expired: int
    open_from: date | None
    next_day: date | None
    mismatch: MismatchOut | None
    last_digest: str | None
