"""Incident analytics on the wire. Durations are whole seconds."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from shared.alerts.values import Severity
from shared.analytics.buckets import Interval
from shared.incidents.lifecycle import State
from shared.platform.wire import Instant, Line, Time, Wire, Zone, split_at_commas

_Service = Annotated[Line, Field(max_length=1_024)]
_Several = Field(default=(), max_length=20)


class FiguresQuery(Wire):
    """Incidents that were opened from `from` until before `to`: by default 30 days, until the end of this minute.

    Of several services or severities any will do. `person`: only incidents that this person has done something to.
    `tz` is the time zone, of the IANA database, whose days and hours the trend is told by.
    """

    since: Annotated[Instant | None, Field(alias="from")] = None
    until: Annotated[Instant | None, Field(alias="to")] = None
    service: Annotated[tuple[_Service, ...], BeforeValidator(split_at_commas)] = _Several
    severity: Annotated[tuple[Severity, ...], BeforeValidator(split_at_commas)] = _Several
    person: UUID | None = None
    interval: Interval = Interval.DAY
    tz: Zone = "UTC"


class Table(StrEnum):
    """What of the figures a CSV file has."""

    TREND = "trend"
    SERVICES = "services"
    ALERTS = "alerts"
    PEOPLE = "people"


class ExportQuery(FiguresQuery):
    """As for the figures, and which of their tables to export."""

    of: Table = Table.TREND


class DurationOut(Wire):
    """How long it took, of those `count` incidents where it has happened; null without any."""

    count: int
    mean_seconds: int | None


class SpreadOut(DurationOut):
    """With median and 90th percentile, interpolated."""

    p50_seconds: int | None
    p90_seconds: int | None


class GroupOut(Wire):
    """Figures of some incidents.

    Acknowledged is when somebody first took it up; the machine never does. Mitigated and resolved is the last time,
    whoever did it, and counts while it holds. `people_seconds` is how long people were present: from each thing that
    somebody did to an incident until their next one, a quarter of an hour at most. `flapping` ones did so at least
    once.
    """

    incidents: int
    open: int
    alerts: int
    reopened: int
    flapping: int
    resolved_by_machine: int
    people_seconds: int
    time_to_acknowledge: DurationOut
    time_to_mitigate: DurationOut
    time_to_resolve: DurationOut


class SeverityOut(GroupOut):
    severity: Severity


class ServiceOut(GroupOut):
    service: str


class TrendOut(GroupOut):
    starts_at: Time
    ends_at: Time


class NoiseOut(Wire):
    """How much of what was sent reached people.

    `duplicates_suppressed` are alerts that joined an incident which another alert had opened; what senders repeat of
    one and the same alert is not even counted. `suppressed_by_maintenance` are those that maintenance held back.
    """

    alerts: int
    alerts_per_incident: float | None
    duplicates_suppressed: int
    suppressed_by_maintenance: int
    flapping_incidents: int
    flapping_share: float | None


class AlertNameOut(Wire):
    """Incidents most of whose alerts have one name: all alerts in them, and how many of the incidents flapped."""

    name: str
    incidents: int
    alerts: int
    flapping: int


class PersonOut(Wire):
    """What somebody had to do: incidents they did something to, acknowledged first, or resolved at last."""

    person_id: UUID
    name: str
    incidents: int
    acknowledged: int
    resolved: int
    seconds: int


class FiguresOut(GroupOut):
    """All figures, of one moment. Merged and archived incidents do not count. Leaders are the first 20."""

    since: Time
    until: Time
    interval: Interval
    tz: str
    time_to_acknowledge: SpreadOut
    time_to_mitigate: SpreadOut
    time_to_resolve: SpreadOut
    by_state: dict[State, int]
    by_severity: list[SeverityOut]
    services: list[ServiceOut]
    trend: list[TrendOut]
    noise: NoiseOut
    noisiest: list[AlertNameOut]
    most_flapping: list[AlertNameOut]
    people: list[PersonOut]


class PresentOut(Wire):
    """How long somebody was present."""

    person_id: UUID
    name: str
    seconds: int


class CostOut(Wire):
    """What an incident has cost: people's time, and dollars for the language model.

    A person is present from each thing they did to it until their next one, a quarter of an hour at most.
    """

    people_seconds: int
    people: list[PresentOut]
    model_calls: int
    input_tokens: int
    output_tokens: int
    model_usd: float
