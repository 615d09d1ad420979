"""Who wants to hear what."""

from dataclasses import replace

import pytest

from shared.alerts.values import Severity
from shared.notifications.values import Notice, Topic, headline, is_told, is_wanted, told_changes

NOTICE = Notice(type=Topic.INCIDENT_CREATED, at="", title="It is slow", severity="medium", state="detected")


@pytest.mark.parametrize("least", Severity)
@pytest.mark.parametrize("severity", Severity)
def test_an_incident_is_told_from_the_least_severity_on(severity: Severity, least: Severity) -> None:
    order = [Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO]
    notice = replace(NOTICE, severity=severity.value)
    assert is_wanted(notice, set(Topic), least) is (order.index(severity) <= order.index(least))


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [("critical", "low", True), ("low", "critical", True), ("low", "medium", False), ("high", "info", True)],
)
def test_a_change_of_severity_counts_as_the_worse_of_both(before: str, after: str, wanted: bool) -> None:
    notice = replace(NOTICE, type=Topic.INCIDENT_UPDATED, severity=after, changes={"severity": (before, after)})
    assert is_wanted(notice, set(Topic), Severity.HIGH) is wanted


@pytest.mark.parametrize("topic", Topic)
def test_only_chosen_events_are_told(topic: Topic) -> None:
    notice = replace(NOTICE, type=topic, changes={"state": ("detected", "resolved")})
    assert is_wanted(notice, {topic}, Severity.INFO)
    assert not is_wanted(notice, set(Topic) - {topic}, Severity.INFO)


def test_publishing_a_postmortem_is_one_piece_of_news() -> None:
    learned = replace(NOTICE, type=Topic.INCIDENT_UPDATED, changes={"state": ("resolved", "learned")})
    assert not is_wanted(learned, set(Topic), Severity.INFO)
    assert is_wanted(learned, {Topic.INCIDENT_UPDATED}, Severity.INFO)


@pytest.mark.parametrize(
    ("event", "changes", "told"),
    [
        ("incident.created", {"title": (None, "a"), "state": (None, "detected")}, True),
        ("incident.updated", {"title": ("a", "b")}, False),
        ("incident.updated", {"title": ("a", "b"), "severity": ("low", "high")}, True),
        ("incident.updated", {"state": ("detected", "resolved")}, True),
        ("hypothesis.generated", {"lead": (None, "disk_full of db")}, True),
        ("hypothesis.generated", {}, False),
        ("postmortem.published", {"published_version": (None, 1)}, True),
        ("postmortem.saved", {"version": (0, 1)}, False),
        ("alert.fired", {}, False),
        ("member.changed", {}, False),
        ("ai_budget.reached", {}, True),
    ],
)
def test_of_an_incident_s_changes_state_and_severity_are_told(
    event: str, changes: dict[str, tuple[str, str]], told: bool
) -> None:
    assert is_told(event, changes) is told
    assert set(told_changes(event, changes)) <= {"state", "severity"}


def test_the_budget_is_told_to_all_who_chose_it_whatever_their_least_severity() -> None:
    notice = Notice(type=Topic.BUDGET_REACHED, at="", title="", budget={"month": "2026-11", "percent": 80})
    assert is_wanted(notice, {Topic.BUDGET_REACHED}, Severity.CRITICAL)
    assert not is_wanted(notice, set(Topic) - {Topic.BUDGET_REACHED}, Severity.INFO)
    assert headline(notice) == "80 % of the language model's budget for 2026-11 is spent"


def test_a_headline_says_what_changed() -> None:
    changes = {"state": ("detected", "resolved"), "severity": ("low", "high")}
    notice = replace(NOTICE, type=Topic.INCIDENT_UPDATED, changes=changes)
    assert headline(notice) == "Incident: state detected → resolved, severity low → high"
