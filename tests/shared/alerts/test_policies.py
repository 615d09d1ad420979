"""Policies as they are stored: whole, in seconds, and with a default for what nobody said."""

from datetime import timedelta

from shared.alerts.policies import (
    AutoResolve,
    GroupBy,
    GroupingRule,
    Policy,
    Related,
    Threshold,
    differences,
    policy_of,
    stated,
)
from shared.alerts.values import Severity

EVERYTHING_ELSE = Policy(
    auto_resolve=AutoResolve.NEVER,
    quiet_period=timedelta(minutes=1),
    reopen_window=timedelta(hours=2),
    related=Related.ATTACH,
    threshold=Threshold(count=3, window=timedelta(minutes=10)),
    grouping=GroupingRule(by=GroupBy.LABELS, labels=("cluster", "service")),
    auto_analyse=False,
    severity_map={"blocker": Severity.CRITICAL},
    severity_labels=("impact",),
    service_labels=("component",),
)


def test_what_nobody_said_is_the_default() -> None:
    assert policy_of({}) == Policy()
    assert policy_of({"quiet_period": 60}) == Policy(quiet_period=timedelta(minutes=1))


def test_what_is_stated_reads_back_as_it_was() -> None:
    assert policy_of(stated(EVERYTHING_ELSE)) == EVERYTHING_ELSE
    assert stated(EVERYTHING_ELSE)["threshold"] == {"count": 3, "window": 600}


def test_differences_are_told_with_both_values() -> None:
    assert differences(Policy(), Policy()) == {}
    assert differences(Policy(), Policy(quiet_period=timedelta(0))) == {"quiet_period": (600, 0)}
    assert set(differences(Policy(), EVERYTHING_ELSE)) == set(stated(Policy()))
