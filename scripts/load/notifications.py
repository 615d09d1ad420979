"""Bodies of AlertManager's webhook (version 4), rendered before any clock runs: about 1.7 KB for one alert."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from random import Random
from typing import Any, Final

from shared.alerts.values import fingerprint_of

HOT_KEYS: Final = 100
REPEATED_SHARE: Final = 0.9
RESOLVED_SHARE: Final = 0.02
_PARETO: Final = 1.1  # few keys get most of it
_NAMES: Final = (
    *("HighErrorRate", "PodCrashLooping", "NodeDiskFull", "LatencyHigh"),
    *("QueueBacklog", "CertificateExpiresSoon", "ReplicaLag", "TargetDown"),
)
_SEVERITIES: Final = ("critical", "warning", "info", "page")
_PROMETHEUS: Final = "http://prometheus.example.com:9090"
_NEVER: Final = "0001-01-01T00:00:00Z"  # what Go writes for no time


class Mode(StrEnum):
    """What is in the notifications.

    `unique`: one alert each, never seen before. `duplicate`: one alert each, of a hundred that fire already. `batch`:
    fifty alerts each, never seen before. `storm`: ten alerts each, nine of ten from a hundred hot ones, few of which
    get most, and one of fifty of those resolved; one notification may hold an alert twice.
    """

    UNIQUE = "unique"
    DUPLICATE = "duplicate"
    BATCH = "batch"
    STORM = "storm"


ALERTS_OF_POST: Final[Mapping[Mode, int]] = {Mode.UNIQUE: 1, Mode.DUPLICATE: 1, Mode.BATCH: 50, Mode.STORM: 10}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert. `number` draws its name, severity and services; with `key` it is one of its own."""

    key: str
    number: int
    began: datetime
    resolved: bool = False


def render(mode: Mode, *, alerts: int, tag: str, began: datetime) -> list[bytes]:
    """Return the bodies of `alerts` alerts. The same `tag` gives the same alerts; another one gives others."""
    make = _MAKERS[mode]
    first = Alert(key=tag, number=0, began=began)
    return make(max(1, alerts // ALERTS_OF_POST[mode]), first, Random(tag))  # noqa: S311 - made up, not secret


def known_before(mode: Mode, *, tag: str, began: datetime) -> list[bytes]:
    """Return what has to be posted before `mode` means what it says: the alerts that its duplicates repeat."""
    return render(mode, alerts=HOT_KEYS, tag=tag, began=began) if mode is Mode.DUPLICATE else []


def _new(posts: int, first: Alert, size: int) -> list[bytes]:
    return [body([_nth(first, post * size + place) for place in range(size)]) for post in range(posts)]


def _unique(posts: int, first: Alert, _: Random) -> list[bytes]:
    return _new(posts, first, ALERTS_OF_POST[Mode.UNIQUE])


def _batch(posts: int, first: Alert, _: Random) -> list[bytes]:
    return _new(posts, first, ALERTS_OF_POST[Mode.BATCH])


def _duplicate(posts: int, first: Alert, _: Random) -> list[bytes]:
    hot = [body([_hot(first, number)]) for number in range(min(posts, HOT_KEYS))]
    return [hot[post % HOT_KEYS] for post in range(posts)]


def _storm(posts: int, first: Alert, random: Random) -> list[bytes]:
    size = ALERTS_OF_POST[Mode.STORM]
    return [body([_stormy(first, post * size + place, random) for place in range(size)]) for post in range(posts)]


def _stormy(first: Alert, number: int, random: Random) -> Alert:
    if random.random() >= REPEATED_SHARE:
        return _nth(first, number)
    hot = _hot(first, min(int(random.paretovariate(_PARETO)) - 1, HOT_KEYS - 1))
    return replace(hot, resolved=random.random() < RESOLVED_SHARE)


def _nth(first: Alert, number: int) -> Alert:
    return replace(first, key=f"{first.key}-{number}", number=number)


def _hot(first: Alert, number: int) -> Alert:
    return replace(first, key=f"{first.key}-hot-{number}", number=number)


_MAKERS: Final[Mapping[Mode, Callable[[int, Alert, Random], list[bytes]]]] = {
    Mode.UNIQUE: _unique,
    Mode.DUPLICATE: _duplicate,
    Mode.BATCH: _batch,
    Mode.STORM: _storm,
}


def body(alerts: Sequence[Alert]) -> bytes:
    """Write a notification as AlertManager does, grouped by alert name."""
    written = [_written(alert) for alert in alerts]
    firing = any(not alert.resolved for alert in alerts)
    group = {"alertname": written[0]["labels"]["alertname"]}
    notification = {
        "receiver": "sre-copilot",
        "status": "firing" if firing else "resolved",
        "alerts": written,
        "groupLabels": group,
        "commonLabels": _common([alert["labels"] for alert in written]),
        "commonAnnotations": _common([alert["annotations"] for alert in written]),
        "externalURL": "http://alertmanager.example.com:9093",
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{group["alertname"]}"}}',
        "truncatedAlerts": 0,
    }
    return json.dumps(notification, separators=(",", ":")).encode()


def _written(alert: Alert) -> dict[str, Any]:
    number, name = alert.number, _NAMES[alert.number % len(_NAMES)]
    began = alert.began.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    instance = f"{alert.key}.svc.cluster.local:9100"
    value = f"{number % 97}.{number % 13}"
    labels = {
        "alertname": name,
        "cluster": f"prod-{number % 4}",
        "environment": "production",
        "instance": instance,
        "job": f"job-{number % 20}",
        "namespace": f"namespace-{number % 40}",
        "pod": f"{alert.key}-7d9f8b6c5d-x{number % 10}",
        "service": f"service-{number % 50}",
        "severity": _SEVERITIES[number % len(_SEVERITIES)],
        "team": f"team-{number % 10}",
    }
    return {
        "status": "resolved" if alert.resolved else "firing",
        "labels": labels,
        "annotations": {
            "summary": f"{name} on {instance}",
            "description": f"{name} has been firing on {instance} in {labels['cluster']} for more than 5 minutes. "
            f"Its value is {value} %. Look at recent deployments first.",
            "runbook_url": f"https://runbooks.example.com/{name}",
            "value": value,
        },
        "startsAt": began,
        "endsAt": began if alert.resolved else _NEVER,
        "generatorURL": f"{_PROMETHEUS}/graph?g0.expr=up%7Bjob%3D%22job-{number % 20}%22%7D+%3D%3D+0&g0.tab=1",
        "fingerprint": fingerprint_of(labels),
    }


def _common(maps: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {name: value for name, value in maps[0].items() if all(one.get(name) == value for one in maps)}
