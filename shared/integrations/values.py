"""The kinds of integrations, where each one posts and tells its health, and which tokens hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID


class IntegrationKind(StrEnum):
    ALERTMANAGER = "alertmanager"
    CHANGES = "changes"
    GENERIC = "generic"
    GRAFANA = "grafana"
    PROMETHEUS = "prometheus"


WEBHOOKS: Final[Mapping[IntegrationKind, str]] = {
    IntegrationKind.ALERTMANAGER: "webhooks/alertmanager",
    IntegrationKind.GENERIC: "webhooks/alerts",
    IntegrationKind.CHANGES: "webhooks/changes",
    IntegrationKind.GRAFANA: "webhooks/grafana",
    IntegrationKind.PROMETHEUS: "webhooks/prometheus/api/v2/alerts",
}

# Below the base URL, the first that is not 404 counts: a Prometheus-compatible service may have the API alone.
HEALTH_PATHS: Final[Mapping[IntegrationKind, tuple[str, ...]]] = {
    IntegrationKind.ALERTMANAGER: ("/-/healthy",),
    IntegrationKind.CHANGES: ("",),
    IntegrationKind.GENERIC: ("",),
    IntegrationKind.GRAFANA: ("/api/health",),
    IntegrationKind.PROMETHEUS: ("/-/healthy", "/api/v1/status/buildinfo"),
}


type Store = Literal["database", "queue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of a batch. `stored` is "queue" while the database does not answer."""

    batch_id: UUID
    accepted: int
    rejected: int
    stored: Store


def token_holds(version: int, *, current: int, previous_until: datetime | None, now: datetime) -> bool:
    """Whether a token of `version` holds: the current one does, and the one before it until its grace is over."""
    return version == current or (version == current - 1 and previous_until is not None and now < previous_until)
