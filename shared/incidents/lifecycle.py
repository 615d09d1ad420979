"""The life of an incident: which moves exist, who may make them, and what the machine does by itself.

One table, read by the command, the API's `allowed_transitions`, the 409's `allowed`, the README's diagram and the test
that walks every pair of states.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Final

from shared.alerts.policies import AutoResolve, Policy
from shared.incidents.errors import IllegalTransition, NoteNeeded


class State(StrEnum):
    DETECTED = "detected"
    ACKNOWLEDGED = "acknowledged"
    INVESTIGATING = "investigating"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    LEARNED = "learned"
    INCONCLUSIVE = "inconclusive"


OPEN: Final = frozenset({State.DETECTED, State.ACKNOWLEDGED, State.INVESTIGATING, State.MITIGATED})


class By(StrEnum):
    """Who makes a move: people with the permission to, the machine, or the publishing of a postmortem."""

    PEOPLE = "people"
    MACHINE = "machine"
    POSTMORTEM = "postmortem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A move that exists. `note`: people have to say why."""

    by: frozenset[By]
    note: bool


def _rule(*by: By, note: bool = False) -> Rule:
    return Rule(by=frozenset(by), note=note)


TRANSITIONS: Final[Mapping[tuple[State, State], Rule]] = {
    (State.DETECTED, State.ACKNOWLEDGED): _rule(By.PEOPLE),
    (State.DETECTED, State.INVESTIGATING): _rule(By.PEOPLE, note=True),
    (State.DETECTED, State.MITIGATED): _rule(By.MACHINE),
    (State.DETECTED, State.RESOLVED): _rule(By.PEOPLE, note=True),
    (State.ACKNOWLEDGED, State.DETECTED): _rule(By.MACHINE),
    (State.ACKNOWLEDGED, State.INVESTIGATING): _rule(By.PEOPLE),
    (State.ACKNOWLEDGED, State.MITIGATED): _rule(By.PEOPLE, By.MACHINE, note=True),
    (State.ACKNOWLEDGED, State.RESOLVED): _rule(By.PEOPLE, note=True),
    (State.INVESTIGATING, State.MITIGATED): _rule(By.PEOPLE, By.MACHINE),
    (State.INVESTIGATING, State.RESOLVED): _rule(By.PEOPLE, note=True),
    (State.INVESTIGATING, State.INCONCLUSIVE): _rule(By.PEOPLE, note=True),
    (State.MITIGATED, State.INVESTIGATING): _rule(By.PEOPLE, By.MACHINE, note=True),
    (State.MITIGATED, State.RESOLVED): _rule(By.PEOPLE, By.MACHINE),
    (State.RESOLVED, State.INVESTIGATING): _rule(By.PEOPLE, By.MACHINE, note=True),
    (State.RESOLVED, State.LEARNED): _rule(By.POSTMORTEM),
    (State.INCONCLUSIVE, State.INVESTIGATING): _rule(By.PEOPLE, note=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """What an incident's alerts look like together. Times are null where there is no such alert.

    `last_refired_at` is when one that fires now did so anew, after it had cleared.
    """

    total: int
    firing: int
    last_fired_at: datetime | None
    last_resolved_at: datetime | None
    last_refired_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the machine does: move `to` (or stay), and look again at `due_at` (or not). `reason` is for the timeline."""

    to: State | None = None
    due_at: datetime | None = None
    reason: str = ""


@cache
def allowed(source: State) -> tuple[State, ...]:
    """Return the states that people can move an incident to."""
    return tuple(target for (start, target), rule in TRANSITIONS.items() if start is source and By.PEOPLE in rule.by)


@cache
def needing_note(source: State) -> tuple[State, ...]:
    """Return those of the `allowed` moves that need a note."""
    return tuple(target for target in allowed(source) if TRANSITIONS[source, target].note)


def check(source: State, target: State, *, by: By, note: str) -> None:
    """Let a move pass, or say why not. Raises `IllegalTransition` or `NoteNeeded`."""
    rule = TRANSITIONS.get((source, target))
    if rule is None or by not in rule.by:
        raise IllegalTransition(source=source.value, target=target.value, allowed=[s.value for s in allowed(source)])
    if rule.note and by is By.PEOPLE and not note.strip():
        raise NoteNeeded(errors=[{"field": "note", "message": f"{source} to {target} needs a note"}])


def drive(
    state: State, since: datetime, alerts: Alerts, policy: Policy, now: datetime, flapping_until: datetime | None = None
) -> Decision:
    """Decide the machine's next move for an incident that has been in `state` since `since`.

    While an alert flaps, up to `flapping_until`, the machine only ever opens it again.
    """
    decision = _undisturbed(state, since, alerts, policy, now)
    if flapping_until is None or decision.to is State.INVESTIGATING:
        return decision
    return Decision(due_at=flapping_until)


def _undisturbed(state: State, since: datetime, alerts: Alerts, policy: Policy, now: datetime) -> Decision:
    if state is State.ACKNOWLEDGED and alerts.last_refired_at is not None and alerts.last_refired_at > since:
        # Whoever acknowledged it knew of alerts that repeat, and not that one would clear and come back.
        return Decision(to=State.DETECTED, reason="An alert that had cleared fires again.")
    if state in {State.DETECTED, State.ACKNOWLEDGED, State.INVESTIGATING}:
        return _mitigate(since, alerts, policy)
    if state in {State.MITIGATED, State.RESOLVED} and _fired_again(alerts, since):
        return Decision(to=State.INVESTIGATING, reason="The same problem fires again.")
    if state is State.MITIGATED and not alerts.firing:
        return _resolve(since, alerts, policy, now)
    return Decision()


def _mitigate(since: datetime, alerts: Alerts, policy: Policy) -> Decision:
    if policy.auto_resolve is AutoResolve.ALL and alerts.total and not alerts.firing:
        return Decision(to=State.MITIGATED, reason="All alerts have resolved.")
    # What resolved before this state began has had its effect.
    has_resolved = alerts.last_resolved_at is not None and alerts.last_resolved_at >= since
    if policy.auto_resolve is AutoResolve.FIRST and has_resolved:
        return Decision(to=State.MITIGATED, reason="The first alert has resolved.")
    return Decision()


def _fired_again(alerts: Alerts, since: datetime) -> bool:
    return alerts.firing > 0 and alerts.last_fired_at is not None and alerts.last_fired_at > since


def _resolve(since: datetime, alerts: Alerts, policy: Policy, now: datetime) -> Decision:
    due_at = max(since, alerts.last_resolved_at or since) + policy.quiet_period
    if now < due_at:
        return Decision(due_at=due_at)
    minutes = policy.quiet_period.total_seconds() / 60
    return Decision(to=State.RESOLVED, reason=f"Quiet for {minutes:g} minutes.")
