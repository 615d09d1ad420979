"""Something to look at: incidents of the demo tenant in many states, made through the API as anyone would."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import httpx

from scripts.devstack.demo_tenant import bearer

PATIENCE: Final = 60  # seconds until hypotheses are there
CALLS: Final = (("gateway", "checkout"), ("checkout", "payments"), ("checkout", "cart"), ("payments", "ledger"))
ALERTS: Final = (
    ("HighErrorRate", "checkout", "critical", "5xx ratio of checkout is 12 %, threshold 5 %"),
    ("ConnectionPoolExhausted", "payments", "critical", "Connection pool of payments is 98 % in use"),
    ("HighLatency", "search", "high", "p99 latency of search is 2.4 s, objective 800 ms"),
    ("QueueBacklog", "invoicing", "medium", "Queue of invoicing holds messages older than 10 minutes"),
    ("CertificateExpires", "images", "low", "TLS certificate of images expires within a week"),
)
LINE: Final = ("acknowledged", "investigating", "mitigated", "resolved")


@dataclass(frozen=True, slots=True)
class Scene:
    """Incidents by what has become of them, by id."""

    investigated: str
    learned: str


def set_scene(demo: Mapping[str, Any]) -> Scene:
    """Write services, a deployment, alerts, people's moves, a postmortem, maintenance and a channel."""
    with httpx.Client(base_url=demo["api"], timeout=30) as http:
        signed_in = _sent(http, "auth/login", {"email": demo["email"], "password": demo["password"]})
        http.headers.update(bearer(signed_in["access_token"]))
        names = sorted({name for call in CALLS for name in call} | {service for _, service, _, _ in ALERTS})
        services = [{"name": name} for name in names]
        calls = [{"caller": caller, "callee": callee} for caller, callee in CALLS]
        _sent(http, "services/import", {"services": services, "dependencies": calls})
        now = datetime.now(UTC)
        _ingest(http, demo, "changes", [_deployment(now)])
        _ingest(http, demo, "alerts", [_alert(*alert, now) for alert in ALERTS])
        found = {alert[1]: _incident(http, alert[0]) for alert in ALERTS}
        for service, steps in (("checkout", 2), ("payments", 4), ("search", 1), ("invoicing", 3)):
            now_in = http.get(f"incidents/{found[service]}").raise_for_status().json()["state"]
            for state in LINE[LINE.index(now_in) + 1 if now_in in LINE else 0 : steps]:
                _sent(http, f"incidents/{found[service]}/transitions", {"to": state})
        _judge(http, found["payments"])
        _learn(http, found["payments"])
        _sent(
            http, f"incidents/{found['checkout']}/comments", {"body": "Rolled **checkout 1.2.3** back in one region."}
        )
        _sent(http, "maintenance-windows", _maintenance(now))
        channel = {"name": "On call", "config": {"kind": "email", "to": demo["email"]}, "min_severity": "high"}
        _sent(http, "notification-channels", channel)
        return Scene(investigated=found["checkout"], learned=found["payments"])


def _deployment(now: datetime) -> Mapping[str, str]:
    return {
        "id": uuid4().hex,
        "at": (now - timedelta(minutes=4)).isoformat(),
        "kind": "deploy",
        "component": "checkout",
        "title": "checkout 1.2.3",
        "detail": "Lowers the pool to 10 connections",
    }


def _alert(name: str, service: str, severity: str, summary: str, now: datetime) -> Mapping[str, str]:
    return {
        "id": uuid4().hex,
        "name": name,
        "service": service,
        "severity": severity,
        "summary": summary,
        "starts_at": now.isoformat(),
    }


def _maintenance(now: datetime) -> Mapping[str, Any]:
    begins = now + timedelta(hours=6)
    return {
        "title": "Upgrade of the ledger's database",
        "matchers": [{"label": "service", "value": "ledger"}],
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(hours=2)).isoformat(),
    }


def _judge(http: httpx.Client, incident: str) -> None:
    """Confirm what leads, as soon as there is something."""
    lead = _awaited(lambda: _items(http, f"incidents/{incident}/hypotheses"))[0]
    _sent(http, f"hypotheses/{lead['id']}/verdict", {"verdict": "confirmed"})


def _learn(http: httpx.Client, incident: str) -> None:
    """Publish the postmortem as it was drafted."""
    draft = http.get(f"incidents/{incident}/postmortem").raise_for_status().json()
    http.put(f"incidents/{incident}/postmortem", json={"body": draft["body"]}).raise_for_status()
    _sent(http, f"incidents/{incident}/postmortem/publish", None)


def _incident(http: httpx.Client, title: str) -> str:
    def opened() -> list[str]:
        return [one["id"] for one in _items(http, "incidents?limit=200&open=true") if one["title"] == title]

    return _awaited(opened)[0]


def _items(http: httpx.Client, path: str) -> list[Any]:
    items: list[Any] = http.get(path).raise_for_status().json()["items"]
    return items


def _ingest(http: httpx.Client, demo: Mapping[str, Any], kind: str, body: Any) -> None:
    http.post(f"webhooks/{kind}", json=body, headers=bearer(demo["ingest_token"])).raise_for_status()


def _sent(http: httpx.Client, path: str, body: Any) -> Any:
    answer = http.post(path, json=body)
    if answer.is_error:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.text}")
    return answer.json() if answer.content else None


def _awaited[T](condition: Callable[[], list[T]]) -> list[T]:
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"Nothing came within {PATIENCE} s")
        time.sleep(0.2)
    return found
