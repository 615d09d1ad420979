"""The dashboards, by the names of their files."""

from collections.abc import Mapping
from typing import Final

from scripts.dashboards import ai_cost, incidents, pipeline, service, services
from scripts.dashboards.grafana import Page

PAGES: Final[Mapping[str, Page]] = {
    "service-overview": service.PAGE,
    "incidents": incidents.PAGE,
    "ai-cost": ai_cost.PAGE,
    "pipeline-health": pipeline.PAGE,
    "your-services": services.PAGE,
}
