"""Incidents on the wire."""

from dataclasses import asdict
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import AfterValidator, Field

from shared.alerts.holding import HoldReason
from shared.alerts.schemas import GroupingOut
from shared.alerts.tables import AlertRow
from shared.alerts.values import AlertStatus, Severity
from shared.incidents.lifecycle import State, allowed, needing_note
from shared.incidents.listing import Found
from shared.incidents.store import Counted
from shared.incidents.tables import StepRow
from shared.incidents.values import reference
from shared.kernel.values import Actor, Permission
from shared.platform.paging import last_number
from shared.platform.tables import EventRow
from shared.platform.wire import Line, Time, Wire, no_nul

MAX_TEXT: Final = 8 * 1_024  # bytes


def _within_8_kib(text: str) -> str:
    if len(text.encode()) > MAX_TEXT:
        raise ValueError("must be at most 8 KiB")
    return text


Title = Annotated[Line, Field(min_length=1, max_length=300)]
ServiceName = Annotated[Line, Field(max_length=200)]
# Markdown is stored as it was given: whoever shows it makes it safe.
Markdown = Annotated[str, AfterValidator(no_nul), AfterValidator(_within_8_kib)]
LabelName = Annotated[Line, Field(min_length=1, max_length=128)]
LabelValue = Annotated[Line, Field(max_length=1_024)]
Labels = Annotated[dict[LabelName, LabelValue], Field(max_length=64)]


class IncidentIn(Wire):
    """An incident that no alert has told of."""

    title: Title
    description: Markdown = ""
    severity: Severity = Severity.MEDIUM
    service_name: ServiceName = ""
    labels: Labels = Field(default_factory=dict)
    assignee_id: UUID | None = None


class IncidentPatch(Wire):
    """What is absent stays as it is; a null assignee is nobody. `labels` are all that the incident has afterwards."""

    title: Title = ""
    description: Markdown = ""
    severity: Severity = Severity.MEDIUM
    service_name: ServiceName = ""
    labels: Labels = Field(default_factory=dict)
    assignee_id: UUID | None = None


class TransitionIn(Wire):
    to: State
    note: Annotated[Line, Field(max_length=2_000)] = ""


class MergeIn(Wire):
    """`sources` are the incidents that become part of this one."""

    sources: Annotated[list[UUID], Field(min_length=1, max_length=50)]


class AlertQuery(Wire):
    """Which alerts to list. `held` are those that fired and have no incident."""

    status: AlertStatus | None = None
    held: bool | None = None
    severity: Severity | None = None
    service: Annotated[Line, Field(max_length=1_024)] | None = None
    window_id: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None

    def filters(self) -> dict[str, Any]:
        """Return what narrows the list, by name."""
        return {name: value for name, value in self if name not in {"limit", "cursor"}}


class PageQuery(Wire):
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None


class EventsQuery(Wire):
    """`after` is the last `seq` that the client has; a page's cursor continues from there."""

    after: Annotated[int, Field(ge=0, lt=10**18)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 100
    cursor: str | None = None

    @property
    def position(self) -> int:
        """Where the page begins. Raises `BadCursor`."""
        return last_number(self.cursor) if self.cursor else self.after


class AssigneeOut(Wire):
    """Whose job it is. `is_member` is false once they have left the project."""

    id: UUID
    name: str
    is_member: bool


class IncidentOut(Wire):
    """An incident. `allowed_transitions` are the moves that the reader may make now, `notes_needed` those with a note.

    One that is `merged_into` another has given it its alerts, and cannot be moved until it is unmerged.
    """

    id: UUID
    number: int
    reference: str
    project_id: UUID
    title: str
    description: str
    severity: Severity
    state: State
    state_since: Time
    service_name: str
    labels: dict[str, str]
    assignee: AssigneeOut | None
    version: int
    allowed_transitions: list[State]
    notes_needed: list[State]
    alert_count: int
    firing_count: int
    flapping: bool
    truncated_alerts: int
    started_at: Time
    created_at: Time
    updated_at: Time
    acknowledged_at: Time | None
    mitigated_at: Time | None
    resolved_at: Time | None
    merged_into: UUID | None
    archived_at: Time | None

    @classmethod
    def of(cls, found: Counted, reader: Actor, **more: Any) -> Self:
        """Return an incident as `reader` sees it, with `more` that a model made of this one has."""
        row = found.incident
        state = State(row.state)
        is_put_away = row.merged_into is not None or row.archived_at is not None
        may_move = Permission.INCIDENT_TRANSITION in reader.permissions and not is_put_away
        return cls(
            id=row.id,
            number=row.number,
            reference=reference(row.number),
            project_id=row.project_id,
            title=row.title,
            description=row.description,
            severity=Severity(row.severity),
            state=state,
            state_since=row.state_since,
            service_name=row.service_name,
            labels=row.labels,
            assignee=AssigneeOut(**asdict(found.assignee)) if found.assignee else None,
            version=row.version,
            allowed_transitions=list(allowed(state)) if may_move else [],
            notes_needed=list(needing_note(state)) if may_move else [],
            alert_count=found.alerts,
            firing_count=found.firing,
            flapping=row.flapping_until is not None,
            truncated_alerts=row.truncated_alerts,
            started_at=row.started_at,
            created_at=row.created_at,
            updated_at=row.updated_at,
            acknowledged_at=row.acknowledged_at,
            mitigated_at=row.mitigated_at,
            resolved_at=row.resolved_at,
            merged_into=row.merged_into,
            archived_at=row.archived_at,
            **more,
        )


class SimilarQuery(Wire):
    limit: Annotated[int, Field(ge=1, le=20)] = 5


class PartOut(Wire):
    """A piece of a text; `match` where it is what was searched for."""

    text: str
    match: bool


class FoundOut(IncidentOut):
    """A listed incident. `highlights` has, for a search, the fields that matched, whole; a description in excerpts."""

    highlights: dict[str, list[PartOut]]

    @classmethod
    def found(cls, one: Found, reader: Actor) -> Self:
        highlights = {
            name: [PartOut(text=part.text, match=part.match) for part in parts]
            for name, parts in one.highlights.items()
        }
        return cls.of(one.counted, reader, highlights=highlights)


class HeldOut(Wire):
    """Why an alert opens no incident. It is looked at again at `until`; null when it is over, or has an incident."""

    reason: HoldReason
    window_id: UUID | None
    until: Time | None

    @classmethod
    def of(cls, row: AlertRow) -> Self | None:
        if row.held_by is None:
            return None
        return cls(reason=HoldReason(row.held_by), window_id=row.window_id, until=row.held_until)


class AlertOut(Wire):
    """An alert and, in `grouping`, why it belongs to its incident. `held` says why it has none, or had none at first.

    `lapsed_at` is when it was taken for resolved because its sender stopped repeating it, or no longer knew it.
    """

    id: UUID
    incident_id: UUID | None
    integration_id: UUID
    fingerprint: str
    status: AlertStatus
    starts_at: Time
    ends_at: Time | None
    severity: Severity
    title: str
    service_name: str
    labels: dict[str, str]
    annotations: dict[str, str]
    generator_url: str
    grouping: GroupingOut
    cut: bool
    expires_at: Time | None
    lapsed_at: Time | None
    flapping: bool
    held: HeldOut | None

    @classmethod
    def of(cls, row: AlertRow) -> Self:
        return cls(
            id=row.id,
            incident_id=row.incident_id,
            integration_id=row.integration_id,
            fingerprint=row.fingerprint,
            status=AlertStatus.RESOLVED if row.resolved else AlertStatus.FIRING,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            severity=Severity(row.severity),
            title=row.title,
            service_name=row.service_name,
            labels=row.labels,
            annotations=row.annotations,
            generator_url=row.generator_url,
            grouping=GroupingOut.of(row.grouping),
            cut=row.cut,
            expires_at=row.expires_at,
            lapsed_at=row.lapsed_at,
            flapping=row.flapping,
            held=HeldOut.of(row),
        )


class ActorOut(Wire):
    kind: str
    id: UUID | None
    name: str


class EventOut(Wire):
    """A fact. `changes` maps a field to its value before and after; `seq` counts the project's live events."""

    id: UUID
    type: str
    incident_id: UUID | None
    at: Time
    actor: ActorOut
    data: dict[str, Any]
    changes: dict[str, Any]
    note: str
    seq: int | None

    @classmethod
    def of(cls, row: EventRow) -> Self:
        return cls(
            id=row.id,
            type=row.type,
            incident_id=row.incident_id,
            at=row.at,
            actor=ActorOut(kind=row.actor_kind, id=row.actor_id, name=row.actor_name),
            data=row.data,
            changes=row.changes,
            note=row.note,
            seq=row.seq,
        )


class StepOut(Wire):
    """A phase of an analysis run of the incident `incident_id`."""

    incident_id: UUID
    run: int
    step_type: str
    status: str
    started_at: Time | None
    finished_at: Time | None
    detail: dict[str, Any]

    @classmethod
    def of(cls, row: StepRow) -> Self:
        return cls(
            incident_id=row.incident_id,
            run=row.run,
            step_type=row.step_type,
            status=row.status,
            started_at=row.started_at,
            finished_at=row.finished_at,
            detail=row.detail,
        )
