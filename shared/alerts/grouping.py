"""Which incident an alert belongs to: the grouping decision, and why it was made."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.alerts.values import service_of
from shared.kernel.canonical import canonical

KEY_VERSION = "v1"


class Rule(StrEnum):
    """How alerts become one incident."""

    GROUP = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """The decision: alerts of one project with equal `key` share an incident. `values` are what it was made of."""

    key: str
    rule: Rule
    values: Mapping[str, str]


def group(labels: Mapping[str, str], sender_group: Mapping[str, str]) -> Grouping:
    """Group as the sender does; where it does not group, by alert name and service.

    The sender's labels are taken, never its raw group key: that one changes with the sender's routing.
    """
    values = dict(sender_group) or {
        name: value
        for name, value in (("alertname", labels.get("alertname", "")), ("service", service_of(labels)))
        if value
    }
    if not values:
        values = dict(labels)
    digest = hashlib.sha256(canonical(values).encode()).hexdigest()[:32]
    return Grouping(key=f"{KEY_VERSION}:{digest}", rule=Rule.GROUP, values=values)
