"""The law of an incident's life, walked pair by pair."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from shared.alerts.policies import AutoResolve, Policy
from shared.incidents.errors import IllegalTransition, NoteNeeded
from shared.incidents.lifecycle import (
    OPEN,
    TRANSITIONS,
    Alerts,
    By,
    Decision,
    State,
    allowed,
    check,
    drive,
    needing_note,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=5)
LINE = (State.DETECTED, State.ACKNOWLEDGED, State.INVESTIGATING, State.MITIGATED, State.RESOLVED)

# What people may do: (from, to) → whether a note is needed. Every other pair is refused.
PEOPLE = {
    **dict.fromkeys(pairwise(LINE), False),
    (State.INVESTIGATING, State.INCONCLUSIVE): True,
    (State.DETECTED, State.INVESTIGATING): True,
    (State.ACKNOWLEDGED, State.MITIGATED): True,
    (State.DETECTED, State.RESOLVED): True,
    (State.ACKNOWLEDGED, State.RESOLVED): True,
    (State.INVESTIGATING, State.RESOLVED): True,
    (State.MITIGATED, State.INVESTIGATING): True,
    (State.RESOLVED, State.INVESTIGATING): True,
    (State.INCONCLUSIVE, State.INVESTIGATING): True,
}
MACHINE = {
    (State.DETECTED, State.MITIGATED),
    (State.ACKNOWLEDGED, State.DETECTED),
    (State.ACKNOWLEDGED, State.MITIGATED),
    (State.INVESTIGATING, State.MITIGATED),
    (State.MITIGATED, State.RESOLVED),
    (State.MITIGATED, State.INVESTIGATING),
    (State.RESOLVED, State.INVESTIGATING),
}


@pytest.mark.parametrize("source", State)
@pytest.mark.parametrize("target", State)
def test_people_may_make_the_moves_of_the_table_and_no_other(source: State, target: State) -> None:
    if (source, target) not in PEOPLE:
        with pytest.raises(IllegalTransition) as refusal:
            check(source, target, by=By.PEOPLE, note="because")
        named = {"source": source.value, "target": target.value, "allowed": [state.value for state in allowed(source)]}
        assert refusal.value.details == named
        return
    check(source, target, by=By.PEOPLE, note="because")
    if PEOPLE[source, target]:
        with pytest.raises(NoteNeeded) as silence:
            check(source, target, by=By.PEOPLE, note=" ")
        message = f"{source.value} to {target.value} needs a note"
        assert silence.value.details == {"errors": [{"field": "note", "message": message}]}
    else:
        check(source, target, by=By.PEOPLE, note="")


@pytest.mark.parametrize("source", State)
@pytest.mark.parametrize("target", State)
def test_the_machine_makes_its_own_moves_and_no_other(source: State, target: State) -> None:
    if (source, target) in MACHINE:
        check(source, target, by=By.MACHINE, note="")
    else:
        with pytest.raises(IllegalTransition):
            check(source, target, by=By.MACHINE, note="")


@pytest.mark.parametrize("source", State)
def test_what_people_may_do_is_told_before_they_try(source: State) -> None:
    assert {*allowed(source)} == {target for start, target in PEOPLE if start is source}
    assert {*needing_note(source)} == {target for (start, target), note in PEOPLE.items() if start is source and note}


def test_states_are_stored_and_sent_under_these_names() -> None:
    names = ["detected", "acknowledged", "investigating", "mitigated", "resolved", "learned", "inconclusive"]
    assert [state.value for state in State] == names
    assert {state.value for state in OPEN} == {"detected", "acknowledged", "investigating", "mitigated"}


def test_only_a_published_postmortem_teaches() -> None:
    assert [pair for pair, rule in TRANSITIONS.items() if By.POSTMORTEM in rule.by] == [(State.RESOLVED, State.LEARNED)]


def test_every_state_can_be_reached_and_only_learned_is_final() -> None:
    reached = {State.DETECTED} | {target for _, target in TRANSITIONS}
    final = set(State) - {source for source, _ in TRANSITIONS}
    assert (reached, final) == (set(State), {State.LEARNED})


def alerts(
    total: int,
    firing: int,
    *,
    fired_at: datetime | None = None,
    resolved_at: datetime | None = None,
    refired_at: datetime | None = None,
) -> Alerts:
    return Alerts(
        total=total,
        firing=firing,
        last_fired_at=fired_at,
        last_resolved_at=resolved_at,
        last_refired_at=refired_at,
    )


@pytest.mark.parametrize("state", [State.DETECTED, State.ACKNOWLEDGED, State.INVESTIGATING])
@pytest.mark.parametrize(
    ("policy", "firing", "resolved_at", "moves"),
    [
        (AutoResolve.ALL, 0, NOW, True),
        (AutoResolve.ALL, 1, NOW, False),
        (AutoResolve.FIRST, 1, NOW, True),
        (AutoResolve.FIRST, 2, None, False),
        (AutoResolve.FIRST, 1, EARLIER, True),
        (AutoResolve.FIRST, 1, EARLIER - timedelta(minutes=1), False),  # it had its effect before this state began
        (AutoResolve.NEVER, 0, NOW, False),
    ],
)
def test_resolved_alerts_mitigate_as_the_policy_says(
    state: State, policy: AutoResolve, firing: int, resolved_at: datetime | None, *, moves: bool
) -> None:
    decision = drive(state, EARLIER, alerts(2, firing, resolved_at=resolved_at), Policy(auto_resolve=policy), NOW)
    said = {
        AutoResolve.ALL: "All alerts have resolved.",
        AutoResolve.FIRST: "The first alert has resolved.",
    }
    assert decision == (Decision(to=State.MITIGATED, reason=said[policy]) if moves else Decision())


def test_an_incident_without_alerts_stays_with_people() -> None:
    assert drive(State.DETECTED, EARLIER, alerts(0, 0), Policy(), NOW).to is None


def test_quiet_counts_from_the_later_of_mitigation_and_last_resolution() -> None:
    policy = Policy(quiet_period=timedelta(minutes=10))
    waiting = drive(State.MITIGATED, NOW - timedelta(hours=1), alerts(1, 0, resolved_at=EARLIER), policy, NOW)
    assert (waiting.to, waiting.due_at) == (None, EARLIER + timedelta(minutes=10))
    over = drive(State.MITIGATED, NOW - timedelta(minutes=10), alerts(1, 0), policy, NOW)
    assert over == Decision(to=State.RESOLVED, reason="Quiet for 10 minutes.")
    later = drive(State.MITIGATED, NOW, alerts(1, 0, resolved_at=EARLIER), policy, NOW)
    assert later == Decision(due_at=NOW + timedelta(minutes=10))


def test_what_still_fires_is_not_quiet() -> None:
    old = EARLIER - timedelta(hours=1)
    assert drive(State.MITIGATED, EARLIER, alerts(2, 1, fired_at=old), Policy(), NOW + timedelta(hours=1)) == Decision()


def test_to_decide_nothing_is_to_stay_and_to_look_at_no_time() -> None:
    nothing = Decision()
    assert (nothing.to, nothing.due_at, nothing.reason) == (None, None, "")


def test_a_resolved_incident_waits_for_nothing() -> None:
    assert drive(State.RESOLVED, EARLIER, alerts(1, 0), Policy(), NOW) == Decision()


@pytest.mark.parametrize("state", [State.MITIGATED, State.RESOLVED])
def test_a_new_fire_reopens_and_one_that_goes_on_does_not(state: State) -> None:
    new = drive(state, EARLIER, alerts(2, 1, fired_at=NOW), Policy(), NOW)
    old = drive(state, EARLIER, alerts(2, 1, fired_at=EARLIER - timedelta(minutes=1)), Policy(), NOW)
    assert new == Decision(to=State.INVESTIGATING, reason="The same problem fires again.")
    assert old == Decision()
    at_once = drive(state, EARLIER, alerts(2, 1, fired_at=EARLIER), Policy(), NOW)
    unsaid = drive(state, EARLIER, alerts(2, 1), Policy(), NOW)
    assert at_once == unsaid == Decision()


@pytest.mark.parametrize("state", [State.MITIGATED, State.RESOLVED])
def test_what_fired_again_and_has_cleared_since_reopens_nothing(state: State) -> None:
    assert drive(state, EARLIER, alerts(2, 0, fired_at=NOW, resolved_at=NOW), Policy(), NOW).to is None


@pytest.mark.parametrize("state", sorted(set(State) - OPEN - {State.RESOLVED}))
def test_what_is_over_for_people_is_over_for_the_machine(state: State) -> None:
    assert drive(state, EARLIER, alerts(1, 1, fired_at=NOW), Policy(), NOW).to is None


@pytest.mark.parametrize("policy", AutoResolve)
def test_what_cleared_and_fires_again_arms_an_acknowledged_incident_anew(policy: AutoResolve) -> None:
    back = alerts(3, 2, fired_at=NOW, resolved_at=NOW, refired_at=NOW)
    decision = drive(State.ACKNOWLEDGED, EARLIER, back, Policy(auto_resolve=policy), NOW)
    assert decision == Decision(to=State.DETECTED, reason="An alert that had cleared fires again.")


@pytest.mark.parametrize("state", [State.DETECTED, State.INVESTIGATING])
def test_nobody_who_has_not_acknowledged_it_or_works_on_it_is_told_twice(state: State) -> None:
    assert drive(state, EARLIER, alerts(3, 2, fired_at=NOW, refired_at=NOW), Policy(), NOW) == Decision()


def test_what_came_back_before_the_acknowledgement_was_known_to_whoever_acknowledged() -> None:
    for refired_at in (EARLIER, EARLIER - timedelta(minutes=1)):
        known = alerts(3, 2, fired_at=EARLIER, refired_at=refired_at)
        assert drive(State.ACKNOWLEDGED, EARLIER, known, Policy(), NOW) == Decision()


def test_another_alert_of_the_same_problem_arms_nothing() -> None:
    another = Alerts(total=2, firing=2, last_fired_at=NOW, last_resolved_at=None)
    assert drive(State.ACKNOWLEDGED, EARLIER, another, Policy(), NOW) == Decision()


def test_what_flaps_is_looked_at_again_when_it_is_calm_and_moves_nothing_till_then() -> None:
    calm = NOW + timedelta(minutes=9)
    back = alerts(3, 2, fired_at=NOW, refired_at=NOW)
    clear = alerts(3, 0, fired_at=NOW, resolved_at=NOW)
    assert drive(State.ACKNOWLEDGED, EARLIER, back, Policy(), NOW, calm) == Decision(due_at=calm)
    assert drive(State.INVESTIGATING, EARLIER, clear, Policy(), NOW, calm) == Decision(due_at=calm)


def test_what_flaps_is_opened_again_all_the_same() -> None:
    back = alerts(3, 2, fired_at=NOW)
    assert drive(State.MITIGATED, EARLIER, back, Policy(), NOW, NOW + timedelta(minutes=9)).to is State.INVESTIGATING


def test_every_move_the_machine_decides_on_is_one_it_may_make() -> None:
    for state in State:
        for firing in range(3):
            for policy in AutoResolve:
                for fired_at in (None, NOW):
                    decision = drive(
                        state, EARLIER, alerts(2, firing, fired_at=fired_at), Policy(auto_resolve=policy), NOW
                    )
                    if decision.to is not None:
                        check(state, decision.to, by=By.MACHINE, note="")
