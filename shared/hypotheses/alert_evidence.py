"""What the alerts say, as a bounded list of items: what says the same is one."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final

from shared.hypotheses.knowledge.components import SCOPE_LABELS, component_of, service_of, shared_label
from shared.hypotheses.values import SEVERITY_WEIGHTS, Alert, Case, Evidence, EvidenceKind

MAX_ALERT_ITEMS: Final = 40
STORM: Final = 5
"""The same alert on more components than this is one observation: what they share is the news."""

_DETAILS: Final = 3
_DETAIL_CHARACTERS: Final = 300
_TEXT_CHARACTERS: Final = 2000
_NAMED: Final = 5
_TELLING_ANNOTATIONS: Final = ("summary", "message", "description", "details", "error", "reason")
_TELLING_LABELS: Final = ("reason", "condition", "phase", "code", "error", "mountpoint", "queue", "topic")
_VARIABLE_PART: Final = re.compile(r"\S*\d\S*")
_PLAIN_NUMBER: Final = re.compile(r"\s*(-?\d{1,15}(?:\.\d{1,15})?)\s*(?:%|[a-zA-Z]{1,3})?\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Alerts that say the same, earliest first. `component` is what the `components` that they name have in common."""

    name: str
    component: str
    components: tuple[str, ...]
    alerts: tuple[Alert, ...]


def alert_items(case: Case) -> list[Evidence]:
    """At most `MAX_ALERT_ITEMS` items, not yet numbered, in order of onset; every alert is in exactly one."""
    groups = _bounded(_grouped(case), service_of(case))
    ordered = sorted(groups, key=lambda group: (group.alerts[0].starts_at, group.name, group.component))
    return [
        Evidence(
            id="",
            kind=EvidenceKind.ALERT,
            component=group.component,
            at=group.alerts[0].starts_at,
            text=_text(group),
            numbers=_numbers(group),
            alert_ids=tuple(alert.id for alert in group.alerts),
        )
        for group in ordered
    ]


def _grouped(case: Case) -> list[_Group]:
    service = service_of(case)
    by_name: dict[str, dict[str, list[Alert]]] = {}
    for alert in sorted(case.alerts, key=_onset):
        by_name.setdefault(alert.name, {}).setdefault(component_of(alert, service), []).append(alert)
    groups: list[_Group] = []
    for name, by_component in by_name.items():
        if len(by_component) > STORM:
            groups.append(_storm(name, chain.from_iterable(by_component.values()), service))
        else:
            groups += (
                _Group(name=name, component=component, components=(component,), alerts=tuple(alerts))
                for component, alerts in by_component.items()
            )
    return groups


def _storm(name: str, alerts: Iterable[Alert], service: str | None) -> _Group:
    """Many components as one group, on what they share."""
    ordered = tuple(sorted(alerts, key=_onset))
    return _Group(
        name=name,
        component=shared_label(ordered, SCOPE_LABELS) or service or name,
        components=tuple(sorted({component_of(alert, service) for alert in ordered})),
        alerts=ordered,
    )


def _bounded(groups: list[_Group], service: str | None) -> list[_Group]:
    """The weightiest groups; what exceeds the bound becomes one."""
    if len(groups) <= MAX_ALERT_ITEMS:
        return groups
    ranked = sorted(groups, key=lambda group: (-_worst(group.alerts), -len(group.alerts), group.name, group.component))
    kept, rest = ranked[: MAX_ALERT_ITEMS - 1], ranked[MAX_ALERT_ITEMS - 1 :]
    return [
        *kept,
        _storm(f"{len(rest)} other kinds of alert", chain.from_iterable(group.alerts for group in rest), service),
    ]


def _onset(alert: Alert) -> tuple[datetime, str, str, str]:
    """Earliest first; the rest makes the order independent of the alerts' arrival."""
    return (alert.starts_at, alert.name, alert.fingerprint, alert.id)


def _worst(alerts: Iterable[Alert]) -> float:
    return max(SEVERITY_WEIGHTS[alert.severity] for alert in alerts)


def _text(group: _Group) -> str:
    count, firing = len(group.alerts), _firing(group)
    severity = max((alert.severity for alert in group.alerts), key=SEVERITY_WEIGHTS.__getitem__)
    state = "resolved" if not firing else "firing" if firing == count else f"{firing} of {count} firing"
    head = f"{group.name} on {_where(group)}, {f'{count} alerts, ' if count > 1 else ''}{severity}, {state}"
    return "; ".join((head, *_details(group.alerts)))[:_TEXT_CHARACTERS]


def _where(group: _Group) -> str:
    if len(group.components) == 1:
        return group.component
    more = ", …" if len(group.components) > _NAMED else ""
    return f"{len(group.components)} components ({', '.join(group.components[:_NAMED])}{more})"


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
    """How many alerts, how many of them firing, and the annotations of the earliest that are plain numbers."""
    annotations = sorted(group.alerts[0].annotations.items())
    plain = {name: float(match[1]) for name, text in annotations if (match := _PLAIN_NUMBER.fullmatch(text))}
    return {**plain, "alerts": float(len(group.alerts)), "firing": float(_firing(group))}


def _firing(group: _Group) -> int:
    return sum(not alert.resolved for alert in group.alerts)
