"""A project's policies: what happens to alerts and incidents without anybody asking. Each has a default.

They are stored as JSON under the names of `Policy`'s fields, durations as integer seconds, and only where they differ
from nothing said: what is absent is the default.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from shared.alerts.values import SERVICE_LABELS, SEVERITY_LABELS, Severity


class AutoResolve(StrEnum):
    """When the machine calls an incident mitigated: once all its alerts, or the first, have resolved, or never."""

    ALL = "all"
    FIRST = "first"
    NEVER = "never"


class Related(StrEnum):
    """What becomes of an incident on a service next to one that has an open incident."""

    LINK = "link"
    ATTACH = "attach"


class GroupBy(StrEnum):
    """How alerts become one incident: by the sender's group labels, by labels of our choice, or each by itself."""

    GROUP = "group"
    LABELS = "labels"
    FINGERPRINT = "fingerprint"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupingRule:
    """`labels` are for `by` labels alone."""

    by: GroupBy = GroupBy.GROUP
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """How many alerts have to fire within `window` before an incident opens."""

    count: int = 1
    window: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All policies of one project.

    `severity_map` adds words to those that every project knows, in lower case, or changes what they mean;
    `severity_labels` and `service_labels` are the labels to look at, the first that says something counts.
    """

    auto_resolve: AutoResolve = AutoResolve.ALL
    quiet_period: timedelta = timedelta(minutes=10)
    reopen_window: timedelta = timedelta(minutes=30)
    related: Related = Related.LINK
    threshold: Threshold = Threshold()
    grouping: GroupingRule = GroupingRule()
    auto_analyse: bool = True
    severity_map: Mapping[str, Severity] = field(default_factory=dict)
    severity_labels: tuple[str, ...] = SEVERITY_LABELS
    service_labels: tuple[str, ...] = SERVICE_LABELS


def policy_of(stored: Mapping[str, Any]) -> Policy:
    """Return a project's policies from what it has stored."""
    said = {**_DEFAULTS, **stored}
    threshold, grouping = said["threshold"], said["grouping"]
    return Policy(
        auto_resolve=AutoResolve(said["auto_resolve"]),
        quiet_period=timedelta(seconds=said["quiet_period"]),
        reopen_window=timedelta(seconds=said["reopen_window"]),
        related=Related(said["related"]),
        threshold=Threshold(count=threshold["count"], window=timedelta(seconds=threshold["window"])),
        grouping=GroupingRule(by=GroupBy(grouping["by"]), labels=tuple(grouping["labels"])),
        auto_analyse=said["auto_analyse"],
        severity_map={word: Severity(severity) for word, severity in said["severity_map"].items()},
        severity_labels=tuple(said["severity_labels"]),
        service_labels=tuple(said["service_labels"]),
    )


def stated(policy: Policy) -> dict[str, Any]:
    """Return all policies as they are stored and shown; `policy_of` reads them back."""
    found: dict[str, Any] = _plain(asdict(policy))
    return found


def differences(before: Policy, after: Policy) -> dict[str, tuple[Any, Any]]:
    """Return each policy that is another one now, with its value before and after."""
    old, new = stated(before), stated(after)
    names = [one.name for one in fields(Policy)]
    return {name: (old[name], new[name]) for name in names if old[name] != new[name]}


def _plain(value: Any) -> Any:
    match value:
        case timedelta():
            return int(value.total_seconds())
        case StrEnum():
            return value.value
        case tuple():
            return [_plain(one) for one in value]
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case _:
            return value


_DEFAULTS: Final = stated(Policy())
