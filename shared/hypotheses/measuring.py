"""Which queries show the onset of a case: the alerts' own, and what is known to tell of its services and machines."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.hypotheses.evidence import onset_of
from shared.hypotheses.knowledge.components import GENERATED_SUFFIX, NODE_LABELS, component_of, service_of, workload_of
from shared.hypotheses.knowledge.queries import MACHINE_LABELS, MEASURES, SERVICE_LABELS, Subject
from shared.hypotheses.promql import equals, expression_of, matches, measured, one_of
from shared.hypotheses.values import Alert, Case

BEFORE: Final = timedelta(minutes=30)
"""So much of the time before the onset says what is usual."""

AFTER: Final = timedelta(hours=3)
"""What happens later tells of the repair, and would blur the onset."""

MAX_POINTS: Final = 200
MAX_SERVICES: Final = 8
MAX_MACHINES: Final = 3
MAX_EXPRESSIONS: Final = 6
MAX_QUERIES: Final = 40
"""Of one source, for one case."""

_MIN_STEP: Final = 5  # seconds
_LOOK_BACK: Final = "15m"
_LATER: Final = timedelta(minutes=5)
_SCOPES: Final = ("namespace", "cluster", "env", "environment")
_POD: Final = "pod"
_PORT: Final = re.compile(r":\d+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A range of time in equal steps of whole seconds."""

    start: datetime
    end: datetime
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to ask, about which component. `alert` is the one whose own expression it is."""

    title: str
    unit: str
    expression: str
    component: str
    alert: Alert | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which of the known metrics there are: an instant query; its series have a metric's name, `label` and scopes."""

    label: str
    subject: Subject
    expression: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Place:
    """A component as series name it: the matchers of its own ones."""

    component: str
    subject: Subject
    matchers: tuple[str, ...]


def window_of(case: Case) -> Window:
    """From before the onset until now, or until the onset is told."""
    onset = onset_of(case)
    start, end = onset - BEFORE, max(min(case.at, onset + AFTER), onset)
    return Window(start=start, end=end, step=max(_MIN_STEP, math.ceil((end - start).total_seconds() / MAX_POINTS)))


def services_of(case: Case) -> tuple[str, ...]:
    """The services that the alerts are about, then what those call themselves; at most `MAX_SERVICES`."""
    own = service_of(case)
    alerting = [component_of(alert, own) for alert in case.alerts]
    named = dict.fromkeys([*([own] if own else []), *alerting])
    called = [callee for name in named for callee in case.calls.get(name, ())]
    return tuple(dict.fromkeys([*named, *called]))[:MAX_SERVICES]


def own_queries(case: Case) -> tuple[Query, ...]:
    """The alerts' own expressions, each once for every component."""
    found: dict[tuple[str, str], Query] = {}
    for alert in case.alerts:
        expression = expression_of(alert.generator_url)
        component = component_of(alert, service_of(case))
        if expression is not None:
            query = Query(
                title=f"{alert.name} by its own expression",
                unit="",
                expression=measured(expression),
                component=component,
                alert=alert,
            )
            found.setdefault((query.expression, component), query)
    return tuple(found.values())[:MAX_EXPRESSIONS]


def searches(case: Case) -> tuple[Search, ...]:
    """One for each label that may name a service of the case, or a machine."""
    services, machines = services_of(case), _machines(case)
    at = min(onset_of(case) + _LATER, window_of(case).end)
    wanted = {label: (Subject.SERVICE, one_of(services)) for label in SERVICE_LABELS} if services else {}
    if services:
        wanted[_POD] = (Subject.SERVICE, "|".join(_pods(name) for name in services))
    if machines:
        wanted["instance"] = (Subject.MACHINE, "|".join(_addresses(host) for host in machines))
        wanted["node"] = (Subject.MACHINE, one_of(machines))
    return tuple(
        Search(label=label, subject=subject, expression=_existing(label, subject, pattern), at=at)
        for label, (subject, pattern) in wanted.items()
    )


def known_queries(case: Case, found: Iterable[tuple[Search, Mapping[str, str]]]) -> tuple[Query, ...]:
    """What to ask, given the labels of the series that each search found. The case's own service comes first."""
    metrics = _metrics(case, found)
    services = services_of(case)
    order = {name: place for place, name in enumerate(services)}
    chosen: dict[tuple[str, str], Query] = {}
    for place in sorted(metrics, key=lambda one: (order.get(one.component, len(order)), _preference(one))):
        for measure in MEASURES:
            if measure.subject is place.subject and metrics[place].issuperset(measure.metrics):
                query = Query(
                    title=measure.title,
                    unit=measure.unit,
                    expression=measure.query(",".join(place.matchers)),
                    component=place.component,
                )
                chosen.setdefault((place.component, measure.title), query)
    return tuple(chosen.values())[: MAX_QUERIES - MAX_EXPRESSIONS]


def own_series[Labelled](alert: Alert, series: Sequence[tuple[Mapping[str, str], Labelled]]) -> Labelled | None:
    """Which series of an expression's result is the alert's: the one that its labels name, else the only one."""
    agreeing = [
        (len(labels), one)
        for labels, one in series
        if all(alert.labels.get(label, value) == value for label, value in labels.items() if label != "__name__")
    ]
    if agreeing:
        return max(agreeing, key=lambda pair: pair[0])[1]
    return series[0][1] if len(series) == 1 else None


def _existing(label: str, subject: Subject, pattern: str) -> str:
    """Which metrics have the label, and in which scopes; also those that have stopped by now."""
    names = dict.fromkeys(metric for one in MEASURES if one.subject is subject for metric in one.metrics)
    selector = f"{matches('__name__', '|'.join(names))},{matches(label, pattern)}"
    return f"count by (__name__, {', '.join((label, *_SCOPES))}) (last_over_time({{{selector}}}[{_LOOK_BACK}]))"


def _metrics(case: Case, found: Iterable[tuple[Search, Mapping[str, str]]]) -> dict[_Place, set[str]]:
    """The metrics that there are of each place. What is of another scope than the alerts is another's."""
    services, machines = services_of(case), _machines(case)
    scopes = _scopes(case)
    metrics: defaultdict[_Place, set[str]] = defaultdict(set)
    for search, labels in found:
        value = labels.get(search.label, "")
        if any(labels.get(scope, expected) != expected for scope, expected in scopes.items()):
            continue
        if search.subject is Subject.MACHINE:
            component = machines.get(_PORT.sub("", value))
            own = equals(search.label, value)
        else:
            component = workload_of(value, services) if search.label == _POD else value
            own = matches(_POD, _pods(component)) if search.label == _POD else equals(search.label, value)
        if component is None or (search.subject is Subject.SERVICE and component not in services):
            continue
        scoped = tuple(equals(scope, expected) for scope, expected in scopes.items() if scope in labels)
        metrics[_Place(component, search.subject, (own, *scoped))].add(labels.get("__name__", ""))
    return metrics


def _preference(place: _Place) -> tuple[int, int, tuple[str, ...]]:
    """The most telling label first, and of those the series that say where they are from."""
    label = re.split("[=~]", place.matchers[0], maxsplit=1)[0]
    order = (*SERVICE_LABELS, _POD, *MACHINE_LABELS)
    return (order.index(label), -len(place.matchers), place.matchers)


def _scopes(case: Case) -> dict[str, str]:
    """What the alerts say of where they are from, as far as they agree."""
    said = {scope: {alert.labels[scope] for alert in case.alerts if alert.labels.get(scope)} for scope in _SCOPES}
    return {scope: values.pop() for scope, values in said.items() if len(values) == 1}


def _machines(case: Case) -> dict[str, str]:
    """The machines that the alerts name: by address or name, what each one is called."""
    return dict(list(_named_machines(case))[:MAX_MACHINES])


def _named_machines(case: Case) -> Iterator[tuple[str, str]]:
    for alert in case.alerts:
        name = next((alert.labels[label] for label in NODE_LABELS if alert.labels.get(label)), "")
        host = _PORT.sub("", alert.labels.get("instance", ""))
        yield from ((one, name or one) for one in dict.fromkeys((name, host)) if one)


def _pods(service: str) -> str:
    """The names of a service's pods, as Deployments, StatefulSets and DaemonSets make them."""
    return f"{re.escape(service)}({GENERATED_SUFFIX})"


def _addresses(host: str) -> str:
    return f"{re.escape(host)}(:[0-9]+)?"
