"""Which incident an alert belongs to: the grouping decision, and why it was made."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.alerts.policies import GroupBy, Policy
from shared.alerts.values import service_of
from shared.kernel.canonical import canonical

KEY_VERSION = "v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """The decision: alerts of one project with equal `key` share an incident.

    `rule` looked at `fields`, and `values` are what it found there; nothing else is in the key, so that two rules which
    find the same agree.
    """

    key: str
    rule: GroupBy
    fields: Sequence[str]
    values: Mapping[str, str]


def group(labels: Mapping[str, str], sender_group: Mapping[str, str], fingerprint: str, policy: Policy) -> Grouping:
    """Group as the project's policy says. Where none of its labels is on the alert, group as the sender does."""
    rule = policy.grouping
    match rule.by:
        case GroupBy.FINGERPRINT:
            return _grouping(GroupBy.FINGERPRINT, ("fingerprint",), {"fingerprint": fingerprint})
        case GroupBy.LABELS if values := _said(labels, rule.labels):
            return _grouping(GroupBy.LABELS, rule.labels, values)
        case _:
            return _as_sent(labels, sender_group, policy.service_labels)


def _as_sent(labels: Mapping[str, str], sender_group: Mapping[str, str], service_labels: Sequence[str]) -> Grouping:
    """Group as the sender does; where it does not group, by alert name and service, or else by all labels.

    The sender's labels are taken, never its raw group key: that one changes with the sender's routing.
    """
    named = {"alertname": labels.get("alertname", ""), "service": service_of(labels, service_labels)}
    values = dict(sender_group) or _said(named, tuple(named)) or dict(labels)
    return _grouping(GroupBy.GROUP, sorted(values), values)


def _said(labels: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """Return those of the named labels that say something; an empty label is an absent one, as in Prometheus."""
    return {name: labels[name] for name in names if labels.get(name)}


def _grouping(rule: GroupBy, fields: Sequence[str], values: Mapping[str, str]) -> Grouping:
    digest = hashlib.sha256(canonical(values).encode()).hexdigest()[:32]
    return Grouping(key=f"{KEY_VERSION}:{digest}", rule=rule, fields=fields, values=values)
