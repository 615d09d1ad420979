"""The configurations of Prometheus and AlertManager, as the programs read them and as alerts are routed."""

import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from functions.openapi import endpoints
from scripts.devstack.demo.faster import faster
from scripts.devstack.monitoring_packages import Programs
from tests.shipped_monitoring import MONITORING, RULES, run

PROMETHEUS = MONITORING / "prometheus.yml"
ALERTMANAGER = MONITORING / "alertmanager.yml"


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found


def test_prometheus_takes_its_configuration_with_all_rules(programs: Programs, tmp_path: Path) -> None:
    folder = shutil.copytree(MONITORING, tmp_path / "monitoring")
    (folder / "metrics.token").write_text("a token")
    (folder / "targets").mkdir()
    (folder / "targets/team.yml").write_text("- { targets: ['checkout:9464'], labels: { service: checkout } }")
    checked = run(programs, programs.promtool, "check", "config", folder / "prometheus.yml")
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.count("rules found") == len(RULES)


def test_prometheus_evaluates_every_fifteen_seconds() -> None:
    assert read(PROMETHEUS)["global"]["evaluation_interval"] == "15s"


def test_alertmanager_takes_its_configuration(programs: Programs) -> None:
    checked = run(programs, programs.amtool, "check-config", ALERTMANAGER)
    assert checked.returncode == 0, checked.stdout


def test_they_call_endpoints_that_exist() -> None:
    declared = {(one.method, f"/api/{one.route}") for one in endpoints()}
    (scrape,) = [one for one in read(PROMETHEUS)["scrape_configs"] if one["job_name"] == "sre-copilot"]
    (webhook,) = [hook for one in read(ALERTMANAGER)["receivers"] for hook in one.get("webhook_configs", [])]
    assert ("GET", scrape["metrics_path"]) in declared
    assert ("POST", urlsplit(webhook["url"]).path) in declared


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ("service=checkout severity=critical", "sre-copilot"),
        ("service=checkout severity=low kind=slo", "sre-copilot"),
        ("service=sre-copilot severity=medium", "sre-copilot"),
        ("service=sre-copilot severity=critical", "operators,sre-copilot"),
        ("service=sre-copilot severity=high kind=slo", "operators,sre-copilot"),
    ],
)
def test_alerts_go_where_they_are_seen(programs: Programs, labels: str, receivers: str) -> None:
    config = f"--config.file={ALERTMANAGER}"
    routed = run(programs, programs.amtool, "config", "routes", "test", config, *labels.split())
    assert routed.stdout.splitlines()[-1] == receivers


def without_times(rules: str) -> str:
    return re.sub(r"\b\d+[smhd]?\b", "N", rules)


def test_the_demo_has_the_same_rules_sixty_times_faster(programs: Programs, tmp_path: Path) -> None:
    for path in (path for path in RULES if path.name.startswith("services.")):
        quick = faster(path.read_text())
        (tmp_path / path.name).write_text(quick)
        assert without_times(quick) == without_times(path.read_text())
        assert re.findall(r"\b\d+[mhd]\b", quick) == []
    checked = run(programs, programs.promtool, "check", "rules", *tmp_path.glob("*.yml"))
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("shipped", "quick"),
    [
        ("rate(x[5m])", "rate(x[5s])"),
        ("interval: 15s", "interval: 1s"),
        ("for: 1h", "for: 60s"),
        ("x[1d] offset 1h", "x[1440s] offset 60s"),
        ("predict_linear(x[6h], 24 * 3600)", "predict_linear(x[360s], 24 * 60)"),
        ("service:http_requests:rate5m", "service:http_requests:rate5m"),
        ("description: for 30 minutes", "description: for 30 minutes"),
    ],
)
def test_a_minute_becomes_a_second(shipped: str, quick: str) -> None:
    assert faster(shipped) == quick
