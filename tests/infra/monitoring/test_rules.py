"""The rules that are shipped: valid, each one seen firing and quiet, and each alert says what people need."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.devstack.monitoring_packages import Programs
from shared.alerts.values import SEVERITY_WORDS
from tests.shipped_monitoring import MONITORING, RULE_TESTS, RULES, alerts, rules, run

KINDS = {"composite", "anomaly", "slo", "correlation", "predictive"}
ALERTS = alerts()


def name_of(alert: dict[str, Any]) -> str:
    return str(alert["alert"])


def anchor_of(alert: dict[str, Any]) -> str:
    """HighErrorRate is described at #high-error-rate."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name_of(alert)).lower()


def test_prometheus_understands_every_rule(programs: Programs) -> None:
    checked = run(programs, programs.promtool, "check", "rules", "--lint=all", "--lint-fatal", *RULES)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: path.stem)
def test_alerts_fire_when_they_should_and_only_then(programs: Programs, path: Path) -> None:
    tested = run(programs, programs.promtool, "test", "rules", path)
    assert tested.returncode == 0, tested.stdout


def cases(alert: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """What is expected of an alert, in each of its cases."""
    return [
        case.get("exp_alerts") or []
        for path in RULE_TESTS
        for test in yaml.safe_load(path.read_text())["tests"]
        for case in test.get("alert_rule_test", [])
        if case["alertname"] == name_of(alert)
    ]


@pytest.mark.parametrize("alert", ALERTS, ids=name_of)
def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not(alert: dict[str, Any]) -> None:
    assert {bool(case) for case in cases(alert)} == {True, False}


@pytest.mark.parametrize("alert", ALERTS, ids=name_of)
def test_every_alert_tells_how_bad_it_is_what_it_is_about_and_where_to_read_on(alert: dict[str, Any]) -> None:
    labels, annotations = alert["labels"], alert["annotations"]
    assert labels["severity"] in SEVERITY_WORDS
    assert labels["kind"] in KINDS
    assert labels["signal"]
    assert list(annotations) == ["summary", "description", "runbook_url"]
    assert annotations["runbook_url"] == f"{{{{ $externalLabels.runbook }}}}#{anchor_of(alert)}"
    fired = [one["exp_labels"] for case in cases(alert) for one in case]
    assert all(one["service"] for one in fired)


@pytest.mark.parametrize("family", ["services", "product"])
def test_each_family_has_alerts_of_all_five_kinds(family: str) -> None:
    assert {alert["labels"]["kind"] for alert in alerts(family=family)} == KINDS


def test_alerts_of_the_product_are_about_the_product() -> None:
    assert {alert["labels"]["service"] for alert in alerts(family="product")} == {"sre-copilot"}


def test_names_are_given_once() -> None:
    names = [rule.get("alert") or rule["record"] for rule in rules()]
    assert len(names) == len(set(names))


def test_the_table_in_the_readme_lists_the_alerts() -> None:
    table = (MONITORING / "README.md").read_text()
    listed = re.findall(r"^\| `(\w+)` \| (\w+) \| (\w+) \| `#([\w-]+)` \|$", table, re.MULTILINE)
    assert listed == [
        (name_of(alert), alert["labels"]["kind"], alert["labels"]["severity"], anchor_of(alert))
        for family in ("services", "product")
        for alert in alerts(family=family)
    ]
