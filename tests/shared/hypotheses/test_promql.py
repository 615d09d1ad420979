"""What we write of PromQL, and what we read."""

import json
from urllib.parse import urlencode

import pytest

from shared.hypotheses.promql import MAX_EXPRESSION, equals, expression_of, matches, measured, one_of

EXPR = 'rate(x{code=~"5.."}[5m]) > 0.1'


@pytest.mark.parametrize(
    ("value", "matcher"),
    [
        ("checkout", 'service="checkout"'),
        ('a"} or vector(1) #', r'service="a\"} or vector(1) #"'),
        ("back\\slash", r'service="back\\slash"'),
        ("two\nlines", r'service="two\nlines"'),
        ("naïve", 'service="naïve"'),
    ],
)
def test_a_label_value_stays_a_value_whatever_it_holds(value: str, matcher: str) -> None:
    assert equals("service", value) == matcher


def test_names_match_themselves_and_no_pattern() -> None:
    assert matches("service", one_of(["a.b", "c|d"])) == r'service=~"a\\.b|c\\|d"'


@pytest.mark.parametrize(
    "url",
    [
        f"http://prometheus:9090/graph?{urlencode({'g0.expr': EXPR, 'g0.tab': '1'})}",
        f"https://prometheus.example.com/sub/query?{urlencode({'g0.expr': EXPR})}",
        f"http://vm:8428/vmui/#/?{urlencode({'g0.expr': EXPR})}",
        f"https://grafana/explore?{urlencode({'left': json.dumps({'datasource': 'p', 'queries': [{'expr': EXPR}]})})}",
        f"https://grafana/explore?{urlencode({'left': json.dumps(['now-1h', 'now', 'Prometheus', {'expr': EXPR}])})}",
        f"https://grafana/explore?{urlencode({'panes': json.dumps({'a1': {'queries': [{'expr': EXPR}]}})})}",
    ],
)
def test_the_expression_behind_an_alert_is_read_from_its_link(url: str) -> None:
    assert expression_of(url) == EXPR


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://grafana.example.com/alerting/grafana/checkout/view?orgId=1",
        "https://ci.example.com/jobs/7",
        "http://p/graph?g0.expr=",
        "http://p/graph?g0.expr=" + "x" * (MAX_EXPRESSION + 1),
        "http://p/graph?g0.expr=a%00b",
        "http://[bad/graph?g0.expr=x",
        "https://grafana/explore?left=%7Bnot+json",
        "https://grafana/explore?left=" + "%5B" * 20_000,
        "https://grafana/explore?left=" + urlencode({"": json.dumps({"expr": 7})})[1:],
    ],
)
def test_other_links_have_none(url: str) -> None:
    assert expression_of(url) is None


@pytest.mark.parametrize(
    ("expression", "course"),
    [
        ("up == 0", "up"),
        ("a / b > 0.9", "a / b"),
        ('sum(rate(x{code=~">5"}[5m])) / sum(rate(x[5m])) >= 0.05', 'sum(rate(x{code=~">5"}[5m])) / sum(rate(x[5m]))'),
        ("0.9 < a / b", "a / b"),
        ("a > on (pod) group_left b", "a"),
        ("a > bool 3", "a"),
        ("sum by (service) (a > 3) != 0", "sum by (service) (a > 3)"),
        ("a{x='\\'>'} < 1e-3", "a{x='\\'>'}"),
        ("a{x=`\\`} < .5", "a{x=`\\`}"),
        # What is more than one comparison is left as it is.
        ("a > 1 and b > 2", "a > 1 and b > 2"),
        ("a > 1 or absent(b)", "a > 1 or absent(b)"),
        ("(a > 1) unless b", "(a > 1) unless b"),
        ("1 < a < 3", "1 < a < 3"),
        ("absent(up)", "absent(up)"),
        ("a > 3 # > 4", "a > 3 # > 4"),
        ("> 3", "> 3"),
        ("order_and_pay > 3", "order_and_pay"),
    ],
)
def test_what_is_compared_with_a_threshold_is_measured_without_it(expression: str, course: str) -> None:
    assert measured(expression) == course
