"""Cases for tests: made by hand, or read from captured webhook bodies by the product's own readers."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from shared.alerts.payloads import read_alertmanager, read_prometheus
from shared.alerts.values import AlertStatus, Delivery, service_of, severity_of, title_of
from shared.hypotheses.candidates import grounded, propose
from shared.hypotheses.evidence import collect
from shared.hypotheses.scoring import score
from shared.hypotheses.values import Alert, Case, Outcome

START = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)
NOW = START + timedelta(hours=2)
PAYLOADS = Path(__file__).parents[2] / "data" / "payloads"


def alert(
    name: str,
    *,
    summary: str = "",
    service: str | None = "checkout",
    severity: str = "medium",
    minute: int = 0,
    resolved: bool = False,
    labels: Mapping[str, str] = MappingProxyType({}),
) -> Alert:
    """An alert that began `minute` minutes after `START`; resolved ones ended ten minutes before `NOW`."""
    named = {"alertname": name, **labels}
    return Alert(
        id=f"{name}/{service}/{minute}/{sorted(labels.items())}",
        fingerprint=f"{name}/{sorted(labels.items())}",
        title=summary or name,
        labels=named,
        annotations={"summary": summary} if summary else {},
        severity=severity,
        service=service,
        starts_at=START + timedelta(minutes=minute),
        ends_at=NOW - timedelta(minutes=10) if resolved else None,
        resolved=resolved,
    )


def case(*alerts: Alert, service: str | None = "checkout", title: str = "Checkout is in trouble") -> Case:
    return Case(incident_id="incident", title=title, service=service, opened_at=START, at=NOW, alerts=alerts)


def captured(name: str) -> Case:
    """The alerts of a webhook body as one incident."""
    body = json.dumps(json.loads((PAYLOADS / f"{name}.json").read_text())["body"]).encode()
    read = read_prometheus if name.startswith("prometheus") else read_alertmanager
    alerts = [_alert(number, delivery) for number, delivery in enumerate(read(body, NOW).deliveries)]
    return case(*alerts, service=alerts[0].service, title=alerts[0].title)


def explain(of: Case) -> Outcome:
    evidence = collect(of)
    return score(of, evidence, grounded(propose(of, evidence), evidence))


def _alert(number: int, delivery: Delivery) -> Alert:
    return Alert(
        id=str(number),
        fingerprint=delivery.fingerprint,
        title=title_of(delivery.labels, delivery.annotations),
        labels=delivery.labels,
        annotations=delivery.annotations,
        severity=severity_of(delivery.labels),
        service=service_of(delivery.labels) or None,
        starts_at=delivery.starts_at or NOW,
        ends_at=delivery.ends_at,
        resolved=delivery.status is AlertStatus.RESOLVED,
    )
