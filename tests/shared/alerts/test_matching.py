"""Matchers: AlertManager's four operators, and patterns that cannot be made to run for long."""

import time

import pytest

from shared.alerts.matching import Matcher, Operator, all_match, check_pattern

LABELS = {"service": "shop", "env": "prod"}


@pytest.mark.parametrize(
    ("label", "operator", "value", "expected"),
    [
        ("service", "=", "shop", True),
        ("service", "=", "sho", False),
        ("service", "!=", "cart", True),
        ("service", "=~", "sh.*|cart", True),
        ("service", "=~", "sh", False),  # the whole value has to match
        ("service", "!~", "sh", True),
        ("service", "!~", "s.+", False),
        ("absent", "=", "", True),
        ("absent", "!=", "", False),
        ("absent", "=~", ".+", False),
    ],
)
def test_operators_mean_what_alertmanager_means_by_them(label: str, operator: str, value: str, expected: bool) -> None:
    assert Matcher(label=label, operator=Operator(operator), value=value).matches(LABELS) is expected


def test_all_matchers_have_to_match() -> None:
    shop = Matcher(label="service", operator=Operator.EQUAL, value="shop")
    test = Matcher(label="env", operator=Operator.EQUAL, value="test")
    assert all_match([shop], LABELS)
    assert not all_match([shop, test], LABELS)


@pytest.mark.parametrize("pattern", ["(", "(?P<a", "a{1,1000}{1,1000}", "(?=x)", r"(a)\1", r"\p{L}{1000}"])
def test_a_pattern_that_cannot_run_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="RE2"):
        check_pattern(pattern)


def test_a_pattern_made_to_run_for_ever_does_not() -> None:
    began = time.process_time()
    hostile = Matcher(label="service", operator=Operator.MATCHES, value="(x+x+)+y")
    assert not hostile.matches({"service": "x" * 1_024})
    assert time.process_time() - began < 0.5
