"""What is told, to which kinds of channel, and who wants to hear it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from shared.alerts.values import Severity

_WORST_FIRST: Final = tuple(Severity)
# Other changes of an incident (its title, its labels) are for the page, not for somebody's pocket.
_TELLING: Final = ("state", "severity")
_LEARNED: Final = "learned"


class ChannelKind(StrEnum):
    EMAIL = "email"
    SLACK = "slack"
    TEAMS = "teams"
    WEBHOOK = "webhook"


class Topic(StrEnum):
    """What a channel may be told of: the types of the events themselves."""

    INCIDENT_CREATED = "incident.created"
    INCIDENT_UPDATED = "incident.updated"
    HYPOTHESIS_GENERATED = "hypothesis.generated"
    POSTMORTEM_PUBLISHED = "postmortem.published"
    BUDGET_REACHED = "ai_budget.reached"


TEST: Final = "test"  # the type of what the test button sends


class DeliveryStatus(StrEnum):
    """`failed` is tried again, `gave_up` is not."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    GAVE_UP = "gave_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to tell, as it was when it happened; every try tells the same. Its texts are other people's.

    `at` is RFC 3339. `changes` maps a field to what it was and is. `causes` are the best hypotheses, best first, each
    with its confidence in percent. `budget` is the `month` whose budget is spent to a `percent`, if it is about that.
    """

    type: str
    at: str
    title: str
    incident_id: str = ""
    reference: str = ""
    severity: str = ""
    state: str = ""
    service: str = ""
    changes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    causes: Sequence[tuple[str, int]] = ()
    budget: Mapping[str, str | int] = field(default_factory=dict)


def told_changes(event_type: str, changes: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the changes of an incident that people are told of: what a field was, and what it is."""
    named = _TELLING if event_type == Topic.INCIDENT_UPDATED else ()
    return {name: list(changes[name]) for name in named if name in changes}


def is_told(event_type: str, changes: Mapping[str, Sequence[str]]) -> bool:
    """Whether any channel is told of such an event.

    Of an incident's changes, only of its state and severity; of its hypotheses, only that another one leads.
    """
    if event_type == Topic.INCIDENT_UPDATED:
        return bool(told_changes(event_type, changes))
    if event_type == Topic.HYPOTHESIS_GENERATED:
        return "lead" in changes
    return event_type in set(Topic)


def is_wanted(notice: Notice, topics: Collection[str], least: Severity) -> bool:
    """Whether a channel that chose `topics` and incidents of severity `least` or worse wants the notice.

    A change of severity counts as the worse of both, so that whoever heard of an incident hears that it is less bad.
    What is about no incident has no severity, and all want it who chose it.
    """
    if notice.type not in topics:
        return False
    is_learned = notice.type == Topic.INCIDENT_UPDATED and notice.changes.get("state", ("", ""))[-1] == _LEARNED
    if is_learned and Topic.POSTMORTEM_PUBLISHED in topics:
        return False  # publishing a postmortem makes both facts, and is one piece of news
    if not notice.severity:
        return True
    severities = [Severity(one) for one in (notice.severity, *notice.changes.get("severity", ()))]
    return min(map(_WORST_FIRST.index, severities)) <= _WORST_FIRST.index(least)


def headline(notice: Notice) -> str:
    """Return in one line of our own words what has happened."""
    match notice.type:
        case Topic.INCIDENT_CREATED:
            return f"New {notice.severity} incident"
        case Topic.INCIDENT_UPDATED:
            told = [f"{name} {' → '.join(pair)}" for name, pair in notice.changes.items()]
            return "Incident: " + ", ".join(told)
        case Topic.HYPOTHESIS_GENERATED:
            return "Root-cause hypotheses are ready"
        case Topic.POSTMORTEM_PUBLISHED:
            return "Postmortem published"
        case Topic.BUDGET_REACHED:
            return "{percent} % of the language model's budget for {month} is spent".format(**notice.budget)
        case _:
            return "Test notification"


def facts(notice: Notice) -> list[tuple[str, str]]:
    """Return what there is to say beside headline and title, each with its label."""
    found = [("Severity", notice.severity), ("State", notice.state), ("Service", notice.service)]
    found += [(f"Cause {place}", f"{claim} ({percent} %)") for place, (claim, percent) in enumerate(notice.causes, 1)]
    return [(label, text) for label, text in found if text]
