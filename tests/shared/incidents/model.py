"""Incidents as plain values: what commands, alerts and the machine should make of them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from shared.alerts.policies import Policy
from shared.alerts.values import Severity
from shared.incidents.errors import (
    AnotherIncidentOpen,
    IllegalTransition,
    IncidentArchived,
    IncidentMerged,
    IncidentOpen,
    MergeIntoItself,
    NotMerged,
    SourceConcluded,
    TargetClosed,
)
from shared.incidents.lifecycle import OPEN, TRANSITIONS, By, State
from shared.kernel.errors import DomainError

POLICY = Policy()
_WORST_FIRST = list(Severity)
_TICK = timedelta(microseconds=1)


@dataclass
class Alert:
    """An episode. `home` is whose it would be if nothing were merged."""

    problem: str
    starts_at: datetime
    fired_at: datetime
    cleared_at: datetime | None
    incident: "Incident"
    home: "Incident"


@dataclass
class Incident:
    """What is known of an incident; `problem` is None for one that was opened by hand."""

    id: UUID
    problem: str | None
    since: datetime
    severity: Severity = Severity.MEDIUM
    is_severity_chosen: bool = False
    state: State = State.DETECTED
    resolved_at: datetime | None = None
    merged_into: "Incident | None" = None
    reopens: bool = False
    is_archived: bool = False
    is_assigned: bool = False

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def put_away(self) -> type[DomainError] | None:
        if self.merged_into:
            return IncidentMerged
        return IncidentArchived if self.is_archived else None

    def enter(self, state: State, now: datetime) -> None:
        self.state, self.since = state, now
        self.resolved_at = now if state is State.RESOLVED else None

    def takes_alerts(self, now: datetime) -> bool:
        is_recent = self.resolved_at is not None and now - self.resolved_at <= POLICY.reopen_window
        return self.is_open or (self.state is State.RESOLVED and is_recent and not self.is_archived)


@dataclass
class Model:
    """All incidents of a project, oldest first, and all alerts. A command returns the error it should end in."""

    incidents: list[Incident] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)

    def home_of(self, problem: str, now: datetime) -> Incident | None:
        """Return the incident of a problem whose alerts are taken, by itself or by what it is merged into."""
        own = [one for one in self.incidents if one.problem == problem]
        taking = [one for one in own if (one.merged_into or one).takes_alerts(now)]

        def rank(one: Incident) -> tuple[bool, bool, bool, int]:
            target = one.merged_into
            return one.is_open, bool(target and target.is_open), target is not None, self.incidents.index(one)

        return max(taking, key=rank, default=None)

    def fire(self, problem: str, home: Incident, now: datetime) -> None:
        incident = home.merged_into or home
        is_again = incident.state in {State.MITIGATED, State.RESOLVED}
        fired_at = max(now, incident.since + _TICK) if is_again else now
        self.alerts.append(Alert(problem, now, fired_at, None, incident, home))
        if not incident.is_severity_chosen:
            incident.severity = min(incident.severity, Severity.MEDIUM, key=_WORST_FIRST.index)

    def move(self, incident: Incident, to: State, now: datetime) -> type[DomainError] | None:
        if refused := incident.put_away():
            return refused
        rule = TRANSITIONS.get((incident.state, to))
        if rule is None or By.PEOPLE not in rule.by:
            return IllegalTransition
        if to in OPEN and self.rival(incident):
            return AnotherIncidentOpen
        incident.enter(to, now)
        return None

    def merge(self, target: Incident, sources: list[Incident], now: datetime) -> type[DomainError] | None:
        if refused := _unmergeable(target, sources):
            return refused
        moved = [alert for alert in self.alerts if alert.incident in sources]
        for alert in moved:
            alert.incident = target
        for follower in self.incidents:
            if follower.merged_into in sources:
                follower.merged_into = target
        for source in sources:
            source.merged_into, source.reopens = target, source.is_open
            if source.is_open:
                source.enter(State.RESOLVED, now)
        if not target.is_severity_chosen:
            target.severity = min((one.severity for one in (target, *sources)), key=_WORST_FIRST.index)
        if target.state is State.MITIGATED and any(not alert.cleared_at for alert in moved):
            target.enter(State.INVESTIGATING, now)
        return None

    def unmerge(self, source: Incident, now: datetime) -> type[DomainError] | None:
        if not source.merged_into:
            return NotMerged
        if source.is_archived:
            return IncidentArchived
        if source.reopens and self.rival(source):
            return AnotherIncidentOpen
        for alert in self.alerts:
            if alert.home is source:
                alert.incident = source
        source.merged_into = None
        if source.reopens:
            source.reopens = False
            source.enter(State.INVESTIGATING, now)
        return None

    def edit(self, incident: Incident, severity: Severity, *, is_assigned: bool) -> type[DomainError] | None:
        if refused := incident.put_away():
            return refused
        incident.is_severity_chosen |= severity is not incident.severity
        incident.severity, incident.is_assigned = severity, is_assigned
        return None

    def archive(self, incident: Incident) -> type[DomainError] | None:
        if incident.is_open:
            return IncidentOpen
        incident.is_archived = True
        return None

    def drive(self, incident: Incident, now: datetime) -> None:
        """Make the machine's next move."""
        alerts = [one for one in self.alerts if one.incident is incident]
        firing = [one for one in alerts if not one.cleared_at]
        if incident.merged_into:
            return
        if incident.is_open and incident.state is not State.MITIGATED:
            if alerts and not firing:
                incident.enter(State.MITIGATED, now)
        elif incident.state in {State.MITIGATED, State.RESOLVED} and any(a.fired_at > incident.since for a in firing):
            if not self.rival(incident):
                incident.is_archived = False
                incident.enter(State.INVESTIGATING, now)
        elif incident.state is State.MITIGATED and not firing:
            cleared = [one.cleared_at for one in alerts if one.cleared_at]
            if now >= max([incident.since, *cleared]) + POLICY.quiet_period:
                incident.enter(State.RESOLVED, now)

    def rival(self, incident: Incident) -> bool:
        """Whether another incident is open on the same problem."""
        others = [one for one in self.incidents if one is not incident and one.problem == incident.problem is not None]
        return any(one.is_open for one in others)


def _unmergeable(target: Incident, sources: list[Incident]) -> type[DomainError] | None:
    if target in sources:
        return MergeIntoItself
    put_away = [refused for one in (target, *sources) if (refused := one.put_away())]
    if put_away:
        return put_away[0]
    if not target.is_open:
        return TargetClosed
    is_concluded = any(source.state not in OPEN | {State.RESOLVED} for source in sources)
    return SourceConcluded if is_concluded else None
