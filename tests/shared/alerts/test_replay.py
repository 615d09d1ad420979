"""The replay of alerts under other policies."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.alerts.policies import GroupBy, GroupingRule, Policy, Threshold
from shared.alerts.replay import Comparison, Past, Trial, compare
from shared.alerts.values import Severity

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
ALONE = Policy(grouping=GroupingRule(by=GroupBy.FINGERPRINT))
BY_POD = Policy(grouping=GroupingRule(by=GroupBy.LABELS, labels=("pod",)))


def past(number: int, minute: float, lasts: float | None = 1, labels: Mapping[str, str] | None = None) -> Past:
    began = START + timedelta(minutes=minute)
    return Past(
        id=UUID(int=number),
        fingerprint=f"f{number}",
        labels={"alertname": "Down", "service": "shop", **(labels or {})},
        sent={},
        title="Down",
        began_at=began,
        ended_at=None if lasts is None else began + timedelta(minutes=lasts),
    )


def tried(*alerts: Past, before: Policy | None = None, after: Policy | None = None) -> Comparison:
    return compare(Trial(since=START, alerts=alerts, is_cut=False, before=before or Policy(), after=after or Policy()))


def test_the_same_policy_changes_nothing() -> None:
    found = tried(past(1, 0), past(2, 1))
    assert found.before == found.after
    assert (found.before.incidents, found.regrouped, found.examples) == (1, 0, [])


def test_a_finer_rule_makes_more_incidents_and_names_who_moves() -> None:
    found = tried(past(1, 0), past(2, 1), after=ALONE)
    assert (found.before.incidents, found.after.incidents, found.regrouped) == (1, 2, 2)
    example = found.examples[0]
    assert (example.before.rule, example.after.rule) == (GroupBy.GROUP, GroupBy.FINGERPRINT)
    assert [(one.alerts, one.incidents) for one in found.before.largest] == [(2, 1)]


def test_an_alert_that_keeps_its_neighbours_has_not_moved() -> None:
    alerts = [past(1, 0, labels={"pod": "a"}), past(2, 1, labels={"pod": "a"})]
    assert tried(*alerts, after=BY_POD).regrouped == 0


def test_an_incident_takes_alerts_until_it_has_been_quiet_and_its_window_is_over() -> None:
    """Ten minutes quiet, thirty to reopen, after the minute that the first one fired."""
    assert tried(past(1, 0), past(2, 41)).before.incidents == 1
    assert tried(past(1, 0), past(2, 41.1)).before.incidents == 2
    short = Policy(quiet_period=timedelta(0), reopen_window=timedelta(0))
    assert tried(past(1, 0), past(2, 41), after=short).after.incidents == 2


def test_what_still_fires_keeps_its_incident_open() -> None:
    assert tried(past(1, 0, lasts=None), past(2, 600)).before.incidents == 1


def test_too_few_alerts_within_the_window_open_nothing() -> None:
    three = Policy(threshold=Threshold(count=3, window=timedelta(minutes=5)))
    far = tried(past(1, 0), past(2, 6), past(3, 12), after=three).after
    assert (far.incidents, far.held) == (0, 3)
    near = tried(past(1, 0), past(2, 2), past(3, 4), past(4, 30), after=three).after
    assert (near.incidents, near.held) == (1, 0)


def test_severity_and_service_are_those_of_the_policy() -> None:
    after = Policy(severity_map={"blocker": Severity.CRITICAL}, service_labels=("pod",))
    (group,) = tried(past(1, 0, labels={"severity": "blocker", "pod": "a"}), after=after).after.largest
    assert (group.severity, group.service_name) == (Severity.CRITICAL, "a")


def test_the_order_in_which_alerts_are_given_does_not_matter() -> None:
    alerts = [past(n, 30 * n, labels={"pod": str(n % 3)}) for n in range(9)]
    assert tried(*alerts, after=BY_POD) == tried(*reversed(alerts), after=BY_POD)
