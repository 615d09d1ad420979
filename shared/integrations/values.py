"""The kinds of senders, and where each one posts."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class IntegrationKind(StrEnum):
    ALERTMANAGER = "alertmanager"
    GRAFANA = "grafana"
    PROMETHEUS = "prometheus"


WEBHOOKS: Final[Mapping[IntegrationKind, str]] = {
    IntegrationKind.ALERTMANAGER: "webhooks/alertmanager",
    IntegrationKind.GRAFANA: "webhooks/grafana",
    IntegrationKind.PROMETHEUS: "webhooks/prometheus/api/v2/alerts",
}
