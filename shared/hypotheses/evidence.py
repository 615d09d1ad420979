"""What was observed, as a bounded list of citable items."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final

from shared.hypotheses.knowledge.components import SCOPE_LABELS, component_of, is_exporter, shared_label
from shared.hypotheses.knowledge.signatures import read
from shared.hypotheses.knowledge.wording import Signature
from shared.hypotheses.values import SEVERITY_WEIGHTS, Alert, Case, CauseCode, Evidence, EvidenceKind

MAX_ITEMS: Final = 40
STORM: Final = 5
"""The same alert on more components than this is one observation: what they share is the news."""

_DETAILS: Final = 3
_DETAIL_CHARACTERS: Final = 300
_NAMED: Final = 5
_TELLING_ANNOTATIONS: Final = ("summary", "message", "description", "details", "error", "reason")
_TELLING_LABELS: Final = ("reason", "condition", "phase", "code", "error", "mountpoint", "queue", "topic")
_VARIABLE_PART: Final = re.compile(r"\S*\d\S*")
_PLAIN_NUMBER: Final = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(?:%|[a-zA-Z]{1,3})?\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Alerts that say the same about the same component, earliest first."""

    title: str
    component: str
    alerts: tuple[Alert, ...]
    components: int


def collect(case: Case) -> tuple[Evidence, ...]:
    """At most `MAX_ITEMS` items in order of onset; every alert is in exactly one."""
    groups = _bounded(_grouped(case), fallback_component(case))
    ordered = sorted(groups, key=lambda group: (group.alerts[0].starts_at, group.title, group.component))
    return tuple(
        Evidence(
            id=f"E{number}",
            kind=EvidenceKind.ALERT,
            component=group.component,
            at=group.alerts[0].starts_at,
            text=_text(group),
            numbers=_numbers(group),
            alert_ids=tuple(alert.id for alert in group.alerts),
        )
        for number, group in enumerate(ordered, start=1)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An item together with the alerts behind it and what its wording says."""

    item: Evidence
    alerts: tuple[Alert, ...]
    signatures: tuple[Signature, ...]

    def best(self, code: CauseCode) -> Signature | None:
        """The signature that points most strongly at a cause; of equals the one that points at fewest others."""
        pointing = (signature for signature in self.signatures if code in signature.points)
        return max(pointing, key=lambda signature: (signature.points[code], -len(signature.points)), default=None)

    def strength(self, code: CauseCode) -> float:
        """How strongly the wording points at a cause, 0-1."""
        signature = self.best(code)
        return signature.points[code] if signature else 0.0

    def contradicts(self, code: CauseCode) -> bool:
        """Whether the wording speaks against a cause."""
        return any(code in signature.against for signature in self.signatures)

    @property
    def resolved(self) -> float:
        """The share of the alerts behind it that are resolved, 0-1; 0 when there are none."""
        return sum(alert.resolved for alert in self.alerts) / max(len(self.alerts), 1)


def interpret(case: Case, evidence: Iterable[Evidence]) -> tuple[Reading, ...]:
    """Every item as the rules read it, in the same order."""
    alerts = {alert.id: alert for alert in case.alerts}
    return tuple(
        Reading(item=item, alerts=tuple(alerts[id_] for id_ in item.alert_ids), signatures=read(item.text))
        for item in evidence
    )


def fallback_component(case: Case) -> str:
    """What to blame when no label says."""
    return case.service if case.service and not is_exporter(case.service) else case.title


def _grouped(case: Case) -> list[_Group]:
    fallback = fallback_component(case)
    by_title: dict[str, dict[str, list[Alert]]] = {}
    for alert in sorted(case.alerts, key=_onset):
        by_title.setdefault(alert.title, {}).setdefault(component_of(alert, fallback), []).append(alert)
    groups: list[_Group] = []
    for title, by_component in by_title.items():
        if len(by_component) > STORM:
            groups.append(_storm(title, chain.from_iterable(by_component.values()), fallback))
        else:
            groups += (
                _Group(title=title, component=component, alerts=tuple(alerts), components=1)
                for component, alerts in by_component.items()
            )
    return groups


def _storm(title: str, alerts: Iterable[Alert], fallback: str) -> _Group:
    """Many components as one group, named by what they share."""
    ordered = tuple(sorted(alerts, key=_onset))
    return _Group(
        title=title,
        component=shared_label(ordered, SCOPE_LABELS, fallback),
        alerts=ordered,
        components=len({component_of(alert, fallback) for alert in ordered}),
    )


def _bounded(groups: list[_Group], fallback: str) -> list[_Group]:
    """The weightiest groups; what exceeds the bound becomes one."""
    if len(groups) <= MAX_ITEMS:
        return groups
    ranked = sorted(groups, key=lambda group: (-_worst(group.alerts), -len(group.alerts), group.title, group.component))
    kept, rest = ranked[: MAX_ITEMS - 1], ranked[MAX_ITEMS - 1 :]
    return [
        *kept,
        _storm(f"{len(rest)} other kinds of alert", chain.from_iterable(group.alerts for group in rest), fallback),
    ]


def _onset(alert: Alert) -> tuple[datetime, str, str, str]:
    """Earliest first; the rest makes the order independent of the alerts' arrival."""
    return (alert.starts_at, alert.title, alert.fingerprint, alert.id)


def _worst(alerts: Iterable[Alert]) -> float:
    return max(SEVERITY_WEIGHTS[alert.severity] for alert in alerts)


def _text(group: _Group) -> str:
    count, firing = len(group.alerts), _firing(group)
    severity = max((alert.severity for alert in group.alerts), key=SEVERITY_WEIGHTS.__getitem__)
    where = f"on {group.component}" if group.components == 1 else f"on {group.components} components ({_names(group)})"
    state = "resolved" if not firing else "firing" if firing == count else f"{firing} of {count} firing"
    head = f"{group.title} {where}, {f'{count} alerts, ' if count > 1 else ''}{severity}, {state}"
    return "; ".join((head, *_details(group.alerts)))


def _names(group: _Group) -> str:
    names = sorted({component_of(alert, group.component) for alert in group.alerts})
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


def _details(alerts: Iterable[Alert]) -> list[str]:
    """A few sentences that differ by more than their numbers and names."""
    seen: dict[str, str] = {}
    for alert in alerts:
        for text in _sentences(alert):
            seen.setdefault(_VARIABLE_PART.sub("#", text), text)
        if len(seen) >= _DETAILS:
            break
    return list(seen.values())[:_DETAILS]


def _sentences(alert: Alert) -> list[str]:
    labels = ", ".join(f"{label}={alert.labels[label]}" for label in _TELLING_LABELS if alert.labels.get(label))
    told = (alert.annotations.get(name, "") for name in _TELLING_ANNOTATIONS)
    return [
        text[:_DETAIL_CHARACTERS] for text in (labels, *(" ".join(part.split()).rstrip(".") for part in told)) if text
    ]


def _numbers(group: _Group) -> Mapping[str, float]:
    """How many alerts, how many of them firing, and the numbers that the earliest carries."""
    first = group.alerts[0]
    plain = {
        name: match[1] for name, text in sorted(first.annotations.items()) if (match := _PLAIN_NUMBER.fullmatch(text))
    }
    return {
        **{name: float(digits) for name, digits in plain.items()},
        **{name: float(value) for name, value in sorted(first.values.items())},
        "alerts": float(len(group.alerts)),
        "firing": float(_firing(group)),
    }


def _firing(group: _Group) -> int:
    return sum(not alert.resolved for alert in group.alerts)
