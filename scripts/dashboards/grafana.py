"""Dashboards in the classic JSON model of Grafana, which its newer models did not end."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parents[2] / "infra/monitoring/grafana"

_SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
_SCHEMA: Final = 39
_WIDTH: Final = 24  # of the grid
_HEIGHTS: Final = {"stat": 4, "timeseries": 8}


@dataclass(frozen=True, slots=True)
class Query:
    """An expression, and how its series are called: `{{label}}` stands for a label's value."""

    expression: str
    legend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Some queries drawn together, in Grafana's `unit`. From `alarm` on it is red, where an alert would begin."""

    title: str
    queries: tuple[Query, ...]
    unit: str
    about: str
    alarm: float | None
    is_stacked: bool


@dataclass(frozen=True, slots=True)
class Row:
    """Panels beside each other, of equal width and one kind of Grafana's."""

    kind: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A choice at the top: the values of `label` among the series of `metric`, all of them at first."""

    label: str
    metric: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A dashboard. `alerts` are matchers of the alerts that are marked in its panels."""

    uid: str
    title: str
    about: str
    variables: tuple[Variable, ...]
    alerts: str
    rows: tuple[Row, ...]


def panel(
    title: str,
    *queries: Query | str,
    unit: str = "short",
    about: str = "",
    alarm: float | None = None,
    is_stacked: bool = False,
) -> Panel:
    """A panel; of a single value an expression is enough."""
    named = tuple(Query(one) if isinstance(one, str) else one for one in queries)
    return Panel(title=title, queries=named, unit=unit, about=about, alarm=alarm, is_stacked=is_stacked)


def values(*panels: Panel) -> Row:
    """Panels that show the newest value."""
    return Row("stat", panels)


def courses(*panels: Panel) -> Row:
    """Panels that show the course over time."""
    return Row("timeseries", panels)


def text_of(page: Page) -> str:
    """Write a dashboard as a file."""
    return json.dumps(_dashboard(page), indent=1, ensure_ascii=False) + "\n"


def _dashboard(page: Page) -> dict[str, Any]:
    return {
        "uid": page.uid,
        "title": page.title,
        "description": page.about,
        "tags": ["sre-copilot"],
        "schemaVersion": _SCHEMA,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "links": [{"type": "dashboards", "title": "SRE Copilot", "tags": ["sre-copilot"], "asDropdown": True}],
        "templating": {"list": [_datasource(), *map(_variable, page.variables)]},
        "annotations": {"list": [_alerts(page.alerts)]},
        "panels": list(_panels(page)),
    }


def _panels(page: Page) -> Iterator[dict[str, Any]]:
    top = number = 0
    for row in page.rows:
        width, height = _WIDTH // len(row.panels), _HEIGHTS[row.kind]
        for place, panel in enumerate(row.panels):
            number += 1
            grid = {"x": place * width, "y": top, "w": width, "h": height}
            yield {"id": number, "type": row.kind, "gridPos": grid, **_panel(panel, row.kind)}
        top += height


def _panel(panel: Panel, kind: str) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.alarm is not None:
        steps.append({"color": "red", "value": panel.alarm})
    defaults: dict[str, Any] = {"unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}}
    if kind == "timeseries":
        defaults["custom"] = {
            "fillOpacity": 20 if panel.is_stacked else 0,
            "stacking": {"mode": "normal" if panel.is_stacked else "none"},
            "thresholdsStyle": {"mode": "off" if panel.alarm is None else "line"},
        }
    return {
        "title": panel.title,
        "description": panel.about,
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + place), "expr": one.expression, "legendFormat": one.legend}
            for place, one in enumerate(panel.queries)
        ],
    }


def _datasource() -> dict[str, Any]:
    return {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}


def _variable(variable: Variable) -> dict[str, Any]:
    values = f"label_values({variable.metric}, {variable.label})"
    return {
        "name": variable.label,
        "label": variable.label.capitalize(),
        "type": "query",
        "datasource": _SOURCE,
        "definition": values,
        "query": {"query": values, "refId": variable.label},
        "refresh": 2,
        "includeAll": True,
        "multi": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _alerts(matchers: str) -> dict[str, Any]:
    return {
        "name": "Alerts",
        "datasource": _SOURCE,
        "enable": True,
        "iconColor": "red",
        "expr": f'ALERTS{{alertstate="firing", {matchers}}}',
        "titleFormat": "{{alertname}}",
        "textFormat": "{{severity}} {{kind}}",
    }
