"""Rules and dashboards ask for what there is: our metrics, their labels and values, and what is recorded."""

import re
from collections.abc import Iterator
from itertools import chain

import pytest

from functions import declarations
from functions.http import Endpoint
from functions.openapi import endpoints
from shared.alerts.values import Severity
from shared.hypotheses.budget import Outcome
from shared.incidents.lifecycle import OPEN
from shared.platform import metrics
from shared.platform.language_model import Result
from shared.platform.metrics import PREFIX, Counter, Gauge, Histogram
from shared.platform.queues import Queue, poison_of
from tests.shipped_monitoring import Named, dashboard_expressions, rule_expressions, rules

DECLARED = [one for one in vars(metrics).values() if isinstance(one, Counter | Gauge | Histogram)]
OF_TARGET = {"job", "instance", "service", "env"}
QUEUES = {name for queue in Queue for name in (queue.value, poison_of(queue))}
RUNS = {declared.name for declared in declarations() if not isinstance(declared, Endpoint)}

VALUES: dict[tuple[str, str], set[str]] = {
    ("http_requests_total", "route"): {one.route for one in endpoints()},
    ("http_requests_total", "code"): {"202", "404", "503"},
    ("http_request_duration_seconds", "route"): {one.route for one in endpoints()},
    ("http_request_duration_seconds", "le"): set(map(str, metrics.HTTP_SECONDS.buckets)),
    ("function_duration_seconds", "function"): RUNS,
    ("function_duration_seconds", "result"): {"succeeded", "failed"},
    ("ingest_alerts_total", "result"): {"new", "repeated", "rejected"},
    ("ai_calls_total", "outcome"): {*Result, *Outcome},
    ("cache_requests_total", "result"): {"hit", "miss", "bypass"},
    ("cache_requests_total", "cache"): {"ai_answers", "responses", "sessions"},
    ("lock_wait_seconds", "lock"): {"ai_generating"},
    ("notification_tries_total", "result"): {"sent", "failed"},
    ("breakers_open", "breaker"): {"database", "redis", "model"},
    ("queue_depth", "queue"): QUEUES,
    ("queue_oldest_age_seconds", "queue"): QUEUES,
    ("open_incidents", "severity"): set(Severity),
    ("open_incidents", "state"): set(OPEN),
}
"""What a label of a metric may say: of each one that somebody chooses by."""

SELECTOR = re.compile(rf"\b{PREFIX}(\w+)(?:\{{([^}}]*)\}})?")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
GROUPED = re.compile(r"\b(?:by|on|group_left) \(([^)]*)\)")
RECORDED = re.compile(r"\b(?:service|copilot):\w+(?::\w+)?")

EXPRESSIONS = [*rule_expressions(), *dashboard_expressions()]


def series() -> Iterator[tuple[str, Counter | Gauge | Histogram, set[str]]]:
    """The names under which metrics are scraped, with their labels."""
    for metric in DECLARED:
        labels = {*metric.labels, *OF_TARGET}
        if isinstance(metric, Histogram):
            yield from ((f"{metric.name}_{part}", metric, labels) for part in ("sum", "count"))
            yield f"{metric.name}_bucket", metric, labels | {"le"}
        else:
            yield metric.name, metric, labels


SERIES = {name: (metric, labels) for name, metric, labels in series()}


@pytest.mark.parametrize("named", EXPRESSIONS, ids=lambda named: named[0])
def test_what_is_asked_of_our_metrics_exists(named: Named) -> None:
    for name, chosen in SELECTOR.findall(named[1]):
        metric, labels = SERIES[name]
        for label, operator, value in MATCHER.findall(chosen):
            assert label in labels, (name, label)
            if label in OF_TARGET:
                continue
            pattern = value if "~" in operator else re.escape(value)
            assert any(re.fullmatch(pattern, one) for one in VALUES[metric.name, label]), (name, label, value)


@pytest.mark.parametrize("named", EXPRESSIONS, ids=lambda named: named[0])
def test_what_our_metrics_are_grouped_by_is_a_label_of_theirs(named: Named) -> None:
    names = [name for name, _ in SELECTOR.findall(named[1])]
    known = set(chain.from_iterable(SERIES[name][1] for name in names))
    grouped = {label.strip() for labels in GROUPED.findall(named[1]) for label in labels.split(",") if label.strip()}
    assert not names or grouped <= known


def test_what_is_recorded_is_asked_for_and_nothing_else() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    asked = {name for _, expression in EXPRESSIONS for name in RECORDED.findall(expression)}
    assert asked == recorded
