"""Which queries a case asks for."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from shared.hypotheses.knowledge.measures import read_measure
from shared.hypotheses.knowledge.queries import MEASURES, Measure, Subject
from shared.hypotheses.measuring import (
    MAX_EXPRESSIONS,
    MAX_POINTS,
    MAX_QUERIES,
    MAX_SERVICES,
    Query,
    Search,
    known_queries,
    own_queries,
    own_series,
    searches,
    services_of,
    window_of,
)
from shared.hypotheses.values import Alert, Case, CauseCode, Service
from tests.shared.hypotheses.cases import START, alert, case

C = CauseCode

# For each measure a course, and a cause that it must make the rules think of.
COURSES = {
    "requests": ("rose", C.TRAFFIC_SPIKE),
    "error ratio": ("rose", C.BAD_RELEASE),
    "latency p95": ("rose", C.DEPENDENCY_SLOW),
    "mean latency": ("rose", C.DEPENDENCY_SLOW),
    "targets up": ("ran out", C.NODE_FAILURE),
    "connection pool usage": ("saturated", C.CONNECTION_POOL_EXHAUSTED),
    "memory usage": ("rose", C.MEMORY_EXHAUSTION),
    "heap usage": ("saturated", C.MEMORY_EXHAUSTION),
    "CPU usage": ("rose", C.CPU_SATURATION),
    "CPU throttling": ("rose", C.CPU_SATURATION),
    "container restarts": ("spiked and came back", C.CRASH_LOOP),
    "open file descriptors": ("saturated", C.THREAD_OR_FD_EXHAUSTION),
    "replication lag": ("rose", C.REPLICATION_LAG),
    "queue of messages": ("rose", C.QUEUE_BACKLOG),
    "consumer group lag": ("rose", C.QUEUE_BACKLOG),
    "evictions": ("rose", C.CACHE_FAILURE),
    "filesystem usage": ("saturated", C.DISK_FULL),
    "disk busy": ("saturated", C.DISK_IO),
    "network packets dropped": ("rose", C.PACKET_LOSS),
    "TCP retransmissions": ("rose", C.PACKET_LOSS),
    "conntrack entries": ("saturated", C.THREAD_OR_FD_EXHAUSTION),
}


def shown(expression: str) -> str:
    return "http://prometheus/graph?" + urlencode({"g0.expr": expression})


def asked(of: Case, *found: Mapping[str, str]) -> list[Query]:
    """What is asked where a search by each label finds series with these labels, as far as they have it."""
    hits = [(search, labels) for search in searches(of) for labels in found if search.label in labels]
    return list(known_queries(of, hits))


def titles(queries: Iterable[Query]) -> set[tuple[str, str]]:
    return {(one.component, one.title) for one in queries}


def graph(**calls: tuple[str, ...]) -> Case:
    services = tuple(Service(name=name, depends_on=called) for name, called in calls.items())
    return replace(case(alert("HighErrorRate")), services=services)


@pytest.mark.parametrize("title", sorted({one.title for one in MEASURES}))
def test_the_rules_can_read_each_measure(title: str) -> None:
    verb, cause = COURSES[title]
    assert cause in {code for one in read_measure(f"{title} {verb}: 1 to 9") for code in one.points}


@pytest.mark.parametrize("measure", MEASURES, ids=lambda one: f"{one.title}-{one.metrics[0]}")
def test_each_measure_names_its_subject_wherever_it_names_a_metric(measure: Measure) -> None:
    query = measure.query('service="checkout"')
    for metric in measure.metrics:
        assert f"{metric}{{" in query
    assert query.count("{") == query.count('{service="checkout"')
    assert "$" not in query


def test_services_are_the_alerting_ones_and_what_they_call_but_not_their_callers() -> None:
    of = graph(web=("checkout",), checkout=("payment", "db"), payment=("bank",))
    assert services_of(of) == ("checkout", "payment", "db")
    many = graph(checkout=tuple(f"s{i:02d}" for i in range(30)))
    assert len(services_of(many)) == MAX_SERVICES


def test_what_exists_is_asked_with_the_most_telling_label() -> None:
    queries = asked(
        graph(checkout=()),
        {"__name__": "http_requests_total", "job": "checkout"},
        {"__name__": "http_requests_total", "service": "checkout"},
        {"__name__": "container_memory_working_set_bytes", "pod": "checkout-7f9dd8b6c4-x7gr9"},
        {"__name__": "up", "service": "other"},
    )
    assert titles(queries) == {("checkout", "requests"), ("checkout", "error ratio"), ("checkout", "memory usage")}
    requests = next(one for one in queries if one.title == "requests")
    assert requests.expression == 'sum(rate(http_requests_total{service="checkout"}[2m]))'
    assert "pod=~" in next(one.expression for one in queries if one.title == "memory usage")


def test_a_share_is_asked_only_where_both_of_its_metrics_are() -> None:
    used = {"__name__": "db_pool_connections_in_use", "service": "checkout"}
    assert asked(graph(checkout=()), used) == []
    (query,) = asked(graph(checkout=()), used, {"__name__": "db_pool_connections_max", "service": "checkout"})
    assert (query.title, query.unit) == ("connection pool usage", "percent")


def test_the_same_service_elsewhere_is_another_one() -> None:
    of = case(alert("HighErrorRate", labels={"namespace": "prod", "cluster": "west"}))
    queries = asked(
        of,
        {"__name__": "http_requests_total", "service": "checkout", "namespace": "prod"},
        {"__name__": "up", "service": "checkout", "namespace": "staging"},
    )
    assert titles(queries) == {("checkout", "requests"), ("checkout", "error ratio")}
    assert 'http_requests_total{service="checkout",namespace="prod"}' in queries[0].expression


def test_the_machine_that_an_alert_names_is_asked_for_and_called_by_its_name() -> None:
    of = case(alert("Slow", labels={"instance": "10.0.0.4:8080", "node": "node-3"}))
    hits = [
        {"__name__": "node_disk_io_time_seconds_total", "instance": "10.0.0.4:9100"},
        {"__name__": "node_disk_io_time_seconds_total", "instance": "10.0.0.5:9100"},
    ]
    (query,) = asked(of, *hits)
    assert (query.component, query.title) == ("node-3", "disk busy")
    assert 'instance="10.0.0.4:9100"' in query.expression


def test_a_hostile_name_stays_a_name() -> None:
    evil = 'x"}) or vector(1) or ({a="'
    of = case(alert("Down", service=evil), service=evil)
    (query, *_) = asked(of, {"__name__": "http_requests_total", "service": evil})
    assert query.expression == r'sum(rate(http_requests_total{service="x\"}) or vector(1) or ({a=\""}[2m]))'
    for search in searches(of):
        assert not re.search(r'(?<!\\)"\}\) or', search.expression)


def test_queries_are_bounded_and_the_failing_service_comes_first() -> None:
    names = tuple(f"s{i:02d}" for i in range(20))
    metrics = {metric for one in MEASURES if one.subject is Subject.SERVICE for metric in one.metrics}
    of = graph(checkout=names)
    found = [{"__name__": metric, "service": name} for metric in sorted(metrics) for name in ("checkout", *names)]
    queries = asked(of, *found)
    assert len(queries) == MAX_QUERIES - MAX_EXPRESSIONS
    assert queries[0].component == "checkout"


def test_each_expression_of_the_alerts_is_asked_once_and_without_its_threshold() -> None:
    told = [replace(alert("Errors", minute=i), generator_url=shown("errors / total > 0.05")) for i in range(3)]
    (query,) = own_queries(case(*told, alert("Bare")))
    assert (query.expression, query.component, query.alert) == ("errors / total", "checkout", told[0])
    many = [replace(alert(f"A{i}"), generator_url=shown(f"m{i} > 1")) for i in range(20)]
    assert len(own_queries(case(*many))) == MAX_EXPRESSIONS


@pytest.mark.parametrize(
    ("series", "chosen"),
    [
        ([({"service": "checkout"}, "a"), ({"service": "cart"}, "b")], "a"),
        ([({"__name__": "m", "service": "checkout", "pod": "p"}, "a"), ({"service": "checkout"}, "b")], "a"),
        ([({"service": "renamed by the rule"}, "a")], "a"),
        ([({"service": "x"}, "a"), ({"service": "y"}, "b")], None),
        ([], None),
    ],
)
def test_of_the_series_of_an_expression_the_alerts_own_is_taken(
    series: list[tuple[dict[str, str], str]], chosen: str | None
) -> None:
    of: Alert = alert("Errors", labels={"service": "checkout"})
    assert own_series(of, series) == chosen


def test_the_window_begins_half_an_hour_before_and_has_few_points() -> None:
    of = case(alert("Errors"))
    window = window_of(of)
    assert window.start == START - timedelta(minutes=30)
    assert window.end == of.at
    assert (window.end - window.start) / timedelta(seconds=window.step) <= MAX_POINTS
    late = window_of(replace(of, at=START + timedelta(days=9)))
    assert late.end == START + timedelta(hours=3)
    skewed = window_of(replace(of, at=START - timedelta(hours=2)))
    assert skewed.end == START


def test_nothing_named_is_nothing_searched() -> None:
    assert searches(replace(case(service=None), alerts=())) == ()


def test_a_search_is_one_query_for_each_label() -> None:
    found: dict[str, Search] = {one.label: one for one in searches(graph(checkout=("db",)))}
    assert {"service", "app", "job", "pod"} <= found.keys()
    assert 'service=~"checkout|db"' in found["service"].expression
    assert found["service"].expression.startswith("count by (__name__, service, namespace, cluster, env, environment)")
