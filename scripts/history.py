"""A made-up history of incidents and their alerts, drawn from a seed: the same one gives the same history."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any, Final
from uuid import UUID

SERVICES: Final = (
    *("checkout", "payments", "cart", "catalogue", "search", "recommendations", "accounts", "sessions", "orders"),
    *("shipping", "invoicing", "notifications", "gateway", "images", "reviews", "inventory", "pricing", "promotions"),
    *("fraud", "ledger", "reporting", "exports", "webhooks", "scheduler"),
)
REGIONS: Final = ("westeurope", "northeurope", "eastus2", "southeastasia")


@dataclass(frozen=True, slots=True)
class Problem:
    """What goes wrong: the alert's name, its severity and its summary."""

    alertname: str
    severity: str
    summary: str


PROBLEMS: Final = (
    Problem("ConnectionPoolExhausted", "critical", "Connection pool of {service} is {percent}% in use"),
    Problem("HighErrorRate", "critical", "{percent}% of requests to {service} fail in {region}"),
    Problem("HighLatency", "high", "p99 latency of {service} in {region} is above its objective"),
    Problem("KubePodCrashLooping", "high", "Pod {pod} is restarting again and again"),
    Problem("KubePodNotReady", "medium", "Pod {pod} has not been ready for 15 minutes"),
    Problem("DiskFillingUp", "medium", "Disk of {pod} is {percent}% full and will be full within a day"),
    Problem("MemoryPressure", "high", "{service} uses {percent}% of its memory limit"),
    Problem("CPUThrottling", "low", "{service} is throttled {percent}% of the time"),
    Problem("QueueBacklog", "medium", "Queue of {service} holds messages older than 10 minutes"),
    Problem("CertificateExpires", "low", "TLS certificate of {service} expires within a week"),
    Problem("ReplicationLag", "high", "Replica of the database of {service} is far behind"),
    Problem("DeploymentStuck", "medium", "Rollout of {service} has made no progress"),
    Problem("DependencyUnavailable", "critical", "{service} cannot reach what it depends on in {region}"),
    Problem("JobFailed", "info", "A scheduled job of {service} failed"),
)
_CLOSED: Final = (("resolved", 90), ("learned", 7), ("inconclusive", 3))
_OPEN: Final = (("detected", 4), ("acknowledged", 3), ("investigating", 2), ("mitigated", 1))
_YOUNG: Final = timedelta(days=1)  # only what opened since then may still be open
_STILL_OPEN: Final = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much history, how far back, and until when."""

    incidents: int
    alerts: int
    seed: str
    until: datetime
    days: int


def history(plan: Plan, first_number: int) -> Iterator[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
    """Yield incidents as rows, oldest first, each with the rows of its alerts."""
    random = Random(plan.seed)  # noqa: S311 - made up, not secret
    step = timedelta(days=plan.days) / max(plan.incidents, 1)
    open_keys: set[str] = set()
    for index in range(plan.incidents):
        opened = plan.until - step * (plan.incidents - index) + step * random.random() * 0.9
        problem, service = random.choice(PROBLEMS), random.choice(SERVICES)
        # With the first number, so that a second history finds no incident of the first one open on its keys.
        key = sha256(f"{first_number}/{problem.alertname}/{service}".encode()).hexdigest()[:32]
        is_open = plan.until - opened < _YOUNG and key not in open_keys and random.random() < _STILL_OPEN
        if is_open:
            open_keys.add(key)
        count = plan.alerts * (index + 1) // plan.incidents - plan.alerts * index // plan.incidents
        incident = _incident(random, plan, opened, problem, service, is_open=is_open)
        incident |= {"number": first_number + index, "grouping_key": f"v1:{key}"}
        yield incident, [_alert(random, incident, problem, service, nth) for nth in range(count)]


def _incident(
    random: Random, plan: Plan, opened: datetime, problem: Problem, service: str, *, is_open: bool
) -> dict[str, Any]:
    state = _weighted(random, _OPEN if is_open else _CLOSED)
    acknowledged = min(opened + timedelta(seconds=random.expovariate(1 / 300)), plan.until)
    resolved = min(acknowledged + timedelta(seconds=random.expovariate(1 / 3_600)), plan.until)
    return {
        "id": str(_uuid7(random, opened)),
        "title": _summary(random, problem, service),
        "severity": problem.severity,
        "state": state,
        "service_name": service,
        "created_at": opened.isoformat(),
        "updated_at": (opened if state == "detected" else acknowledged if is_open else resolved).isoformat(),
        "acknowledged_at": None if state == "detected" else acknowledged.isoformat(),
        "resolved_at": resolved.isoformat() if state in {"resolved", "learned"} else None,
        "labels": {"team": f"team-{SERVICES.index(service) % 6}"},
        "lead_fingerprint": f"{random.getrandbits(64):016x}",
        "alert_names": [problem.alertname],
    }


def _alert(random: Random, incident: Mapping[str, Any], problem: Problem, service: str, nth: int) -> dict[str, Any]:
    started = datetime.fromisoformat(incident["created_at"]) + timedelta(seconds=nth)
    pod = _pod(random, service)
    return {
        "id": str(_uuid7(random, started)),
        "incident_id": incident["id"],
        "fingerprint": f"{random.getrandbits(64):016x}" if nth else incident["lead_fingerprint"],
        "starts_at": started.isoformat(),
        "resolved": incident["resolved_at"] is not None,
        "ends_at": incident["resolved_at"],
        "severity": problem.severity,
        "title": _summary(random, problem, service) if nth else incident["title"],
        "service_name": service,
        "labels": {
            "alertname": problem.alertname,
            "service": service,
            "severity": problem.severity,
            "region": random.choice(REGIONS),
            "namespace": f"{service}-prod",
            "pod": pod,
        },
    }


def _summary(random: Random, problem: Problem, service: str) -> str:
    return problem.summary.format(
        service=service, region=random.choice(REGIONS), percent=random.randint(80, 100), pod=_pod(random, service)
    )


def _pod(random: Random, service: str) -> str:
    return f"{service}-{random.getrandbits(32):08x}-{random.getrandbits(20):05x}"


def _weighted(random: Random, choices: tuple[tuple[str, int], ...]) -> str:
    return random.choices([name for name, _ in choices], [weight for _, weight in choices])[0]


def _uuid7(random: Random, at: datetime) -> UUID:
    """Return the UUIDv7 of a moment, its random part drawn from the seed."""
    milliseconds = int(at.timestamp() * 1_000)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | random.getrandbits(12) << 64 | 0x2 << 62 | random.getrandbits(62))


def as_json(rows: list[Mapping[str, Any]]) -> str:
    """Return rows as the one parameter that a statement takes them by."""
    return json.dumps(rows, separators=(",", ":"))
