"""What infra/monitoring/ ships, read."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from scripts.devstack.monitoring_packages import Programs

MONITORING: Final = Path(__file__).parents[1] / "infra/monitoring"
RULES: Final = sorted((MONITORING / "rules").glob("*.yml"))
RULE_TESTS: Final = sorted((MONITORING / "tests").glob("*.yml"))
DASHBOARDS: Final = sorted((MONITORING / "grafana").glob("*.json"))

# What Grafana puts in place of its variables.
_VARIABLES: Final = {"$__rate_interval": "1m", "$__range": "6h", "$env": ".*", "$service": ".*"}
_LABEL_VALUES: Final = re.compile(r"label_values\((.+), \w+\)")

type Named = tuple[str, str]
"""Where an expression is, and the expression."""


def rules(*, family: str = "*") -> Iterator[dict[str, Any]]:
    """The rules of a family, `services` or `product`, recording ones and alerts."""
    for path in sorted((MONITORING / "rules").glob(f"{family}.*.yml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


def alerts(*, family: str = "*") -> list[dict[str, Any]]:
    return [rule for rule in rules(family=family) if "alert" in rule]


def rule_expressions() -> list[Named]:
    return [(rule.get("alert") or rule["record"], rule["expr"]) for rule in rules()]


def dashboard_expressions() -> list[Named]:
    """What Grafana asks for each panel, mark and variable of the dashboards, with values in place of variables."""
    return [
        (f"{path.stem}: {title}", _filled_in(expression))
        for path in DASHBOARDS
        for title, expression in _asked(json.loads(path.read_text()))
    ]


def run(programs: Programs, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """One of the programs, with all that it says in `stdout`."""
    return subprocess.run(
        words, check=False, cwd=programs.home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120
    )


def _asked(dashboard: dict[str, Any]) -> Iterator[Named]:
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for mark in dashboard["annotations"]["list"]:
        yield mark["name"], mark["expr"]
    for variable in dashboard["templating"]["list"]:
        if found := _LABEL_VALUES.fullmatch(variable.get("definition", "")):
            yield variable["name"], found[1]


def _filled_in(expression: str) -> str:
    for name, value in _VARIABLES.items():
        expression = expression.replace(name, value)
    return expression
