"""What stored alerts would have become under other policies: the same decisions, made over again and stored nowhere.

A replay knows no people: an incident takes alerts of its key until it has been quiet for the quiet period and the
window in which it reopens. What people did with incidents, and maintenance windows, are left out.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.alerts.grouping import Grouping, group
from shared.alerts.policies import Policy
from shared.alerts.values import Severity, service_of, severity_of

MAX_REPLAYED: Final = 10_000
MAX_SHOWN: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A stored alert. `sent` is its sender's own group; `ended_at` is None while it fires."""

    id: UUID
    fingerprint: str
    labels: Mapping[str, str]
    sent: Mapping[str, str]
    title: str
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What to replay: alerts since `since`, the newest where there were more than are replayed, and both policies."""

    since: datetime
    alerts: Sequence[Past]
    is_cut: bool
    before: Policy
    after: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Alerts of one key, and how many incidents they would have made, one after another."""

    why: Grouping
    title: str
    severity: Severity
    service_name: str
    alerts: int
    incidents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What the alerts make under one policy: how many incidents, of how many keys, and `held` that open none."""

    incidents: int
    keys: int
    held: int
    largest: Sequence[Group]


@dataclass(frozen=True, slots=True, kw_only=True)
class Regrouped:
    """An alert that would go elsewhere, or for another reason."""

    alert: Past
    before: Grouping
    after: Grouping


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The same alerts under both policies. `regrouped` counts those whose neighbours would be others."""

    before: Replayed
    after: Replayed
    regrouped: int
    examples: Sequence[Regrouped]


@dataclass(slots=True)
class _Key:
    """What has become of one key so far: incidents opened, until when the newest takes alerts, who waits for more."""

    alerts: list[Past] = field(default_factory=list)
    incidents: int = 0
    quiet_from: datetime | None = None
    is_firing: bool = False
    waiting: list[Past] = field(default_factory=list)
    held: int = 0


def compare(trial: Trial) -> Comparison:
    """Replay alerts under both policies."""
    ordered = sorted(trial.alerts, key=lambda one: (one.began_at, one.id))
    old, new = ([_group(one, policy) for one in ordered] for policy in (trial.before, trial.after))
    neighbours = [_neighbours(groupings) for groupings in (old, new)]
    moved = [
        Regrouped(alert=alert, before=one, after=other)
        for alert, one, other in zip(ordered, old, new, strict=True)
        if neighbours[0][one.key] != neighbours[1][other.key]
    ]
    return Comparison(
        before=_replay(ordered, old, trial.before),
        after=_replay(ordered, new, trial.after),
        regrouped=len(moved),
        examples=moved[:MAX_SHOWN],
    )


def _group(alert: Past, policy: Policy) -> Grouping:
    return group(alert.labels, alert.sent, alert.fingerprint, policy)


def _neighbours(groupings: Sequence[Grouping]) -> Mapping[str, Sequence[int]]:
    """Return which alerts have each key, by their place."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(groupings):
        found[one.key].append(place)
    return found


def _replay(alerts: Sequence[Past], groupings: Sequence[Grouping], policy: Policy) -> Replayed:
    keys: defaultdict[str, _Key] = defaultdict(_Key)
    why: dict[str, Grouping] = {}
    for alert, grouping in zip(alerts, groupings, strict=True):
        why.setdefault(grouping.key, grouping)
        _take(keys[grouping.key], alert, policy)
    sizes = Counter({name: len(key.alerts) for name, key in keys.items()})
    return Replayed(
        incidents=sum(key.incidents for key in keys.values()),
        keys=len(keys),
        held=sum(key.held + len(key.waiting) for key in keys.values()),
        largest=[_shown(why[name], keys[name], policy) for name, _ in sizes.most_common(MAX_SHOWN)],
    )


def _take(key: _Key, alert: Past, policy: Policy) -> None:
    """Let an alert join the key's incident, open one, or wait for others."""
    key.alerts.append(alert)
    lasts = policy.quiet_period + policy.reopen_window
    joins = key.incidents and (
        key.is_firing or (key.quiet_from is not None and alert.began_at <= key.quiet_from + lasts)
    )
    if not joins:
        recent = [one for one in key.waiting if alert.began_at - one.began_at <= policy.threshold.window]
        key.held += len(key.waiting) - len(recent)
        key.waiting = [*recent, alert]
        if len(key.waiting) < policy.threshold.count:
            return
        key.incidents, key.is_firing, key.quiet_from = key.incidents + 1, False, None
    for one in [*key.waiting, alert]:
        key.is_firing = key.is_firing or one.ended_at is None
        key.quiet_from = max((at for at in (key.quiet_from, one.ended_at) if at), default=None)
    key.waiting = []


def _shown(why: Grouping, key: _Key, policy: Policy) -> Group:
    first = key.alerts[0]
    severities = [severity_of(one.labels, policy.severity_labels, policy.severity_map) for one in key.alerts]
    return Group(
        why=why,
        title=first.title,
        severity=min(severities, key=list(Severity).index),
        service_name=service_of(first.labels, policy.service_labels),
        alerts=len(key.alerts),
        incidents=key.incidents,
    )
