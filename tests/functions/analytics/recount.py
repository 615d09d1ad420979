"""The figures once more: from what the API tells of each incident, in plain Python."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean, quantiles
from typing import Any

from tests.functions.incidents.board import Board

PRESENT = timedelta(minutes=15)
OPEN = {"detected", "acknowledged", "investigating", "mitigated"}


@dataclass(frozen=True)
class Told:
    """An incident with all that is told of it."""

    incident: dict[str, Any]
    timeline: list[dict[str, Any]]
    alerts: list[dict[str, Any]]

    def since_opened(self, at: datetime | None) -> int | None:
        return None if at is None else int((at - time_of(self.incident["created_at"])).total_seconds())

    @property
    def moves(self) -> list[tuple[str, str, dict[str, Any]]]:
        return [(*one["changes"]["state"], one) for one in self.timeline if "state" in one["changes"]]

    @property
    def taken_up(self) -> list[dict[str, Any]]:
        ours = ("user", "api_key")
        taking = ("acknowledged", "investigating")
        return [one for _, to, one in self.moves if to in taking and one["actor"]["kind"] in ours]

    @property
    def acknowledge_seconds(self) -> int | None:
        return self.since_opened(time_of(self.taken_up[0]["at"]) if self.taken_up else None)

    @property
    def resolved_at(self) -> datetime | None:
        found = None
        for _, to, one in self.moves:
            found = time_of(one["at"]) if to == "resolved" else None if to == "investigating" else found
        return found

    @property
    def mitigated_at(self) -> datetime | None:
        found = None
        for _, to, one in self.moves:
            found = time_of(one["at"]) if to == "mitigated" else None if to == "investigating" else found
        return found or self.resolved_at

    @property
    def resolver(self) -> dict[str, Any] | None:
        moves = [one["actor"] for _, to, one in self.moves if to == "resolved"]
        return moves[-1] if moves and self.resolved_at else None

    @property
    def reopened(self) -> bool:
        return any(to == "investigating" and (of not in {"detected", "acknowledged"}) for of, to, _ in self.moves)

    @property
    def alert_name(self) -> str:
        names = Counter(alert["labels"]["alertname"] for alert in self.alerts)
        return min(names, key=lambda name: (-names[name], name), default="")

    def seconds_by_person(self) -> Counter[str]:
        acts: dict[str, list[datetime]] = {}
        for one in self.timeline:
            if one["actor"]["kind"] == "user":
                acts.setdefault(one["actor"]["id"], []).append(time_of(one["at"]))
        found: Counter[str] = Counter()
        for person, times in acts.items():
            gaps = [min(later - earlier, PRESENT) for earlier, later in pairwise(sorted(times))]
            found[person] = int(sum(gaps, PRESENT).total_seconds())
        return found


def time_of(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def told(board: Board) -> list[Told]:
    """Return everything that counts: not what was merged or archived."""
    found = []
    for incident in (await board.call("GET", "incidents?limit=200")).json["items"]:
        if incident["merged_into"] is None:
            path = f"incidents/{incident['id']}"
            timeline, alerts = [(await board.call("GET", f"{path}/{part}?limit=200")).json["items"] for part in PARTS]
            found.append(Told(incident, timeline, alerts))
    return found


PARTS = ("timeline", "alerts")


def duration(values: Iterable[int | None]) -> dict[str, Any]:
    known = [one for one in values if one is not None]
    return {"count": len(known), "mean_seconds": round(fmean(known)) if known else None}


def spread(values: Sequence[int | None]) -> dict[str, Any]:
    known = [one for one in values if one is not None]
    if len(known) == 1:
        known = known * 2
    cuts = quantiles(known, n=10, method="inclusive") if known else []
    p50, p90 = (round(cuts[4]), round(cuts[8])) if cuts else (None, None)
    return duration(values) | {"p50_seconds": p50, "p90_seconds": p90}


def group(incidents: Sequence[Told]) -> dict[str, Any]:
    """Return the figures that every group has."""
    return {
        "incidents": len(incidents),
        "open": sum(one.incident["state"] in OPEN for one in incidents),
        "alerts": sum(len(one.alerts) for one in incidents),
        "reopened": sum(one.reopened for one in incidents),
        "flapping": 0,
        "resolved_by_machine": sum((one.resolver or {}).get("kind") == "system" for one in incidents),
        "people_seconds": sum(one.seconds_by_person().total() for one in incidents),
        "time_to_acknowledge": duration(one.acknowledge_seconds for one in incidents),
        "time_to_mitigate": duration(one.since_opened(one.mitigated_at) for one in incidents),
        "time_to_resolve": duration(one.since_opened(one.resolved_at) for one in incidents),
    }


def figures(incidents: Sequence[Told]) -> dict[str, Any]:
    """Return those of the figures that are the same whenever they are asked for."""
    whole = group(incidents) | {
        "time_to_acknowledge": spread([one.acknowledge_seconds for one in incidents]),
        "time_to_mitigate": spread([one.since_opened(one.mitigated_at) for one in incidents]),
        "time_to_resolve": spread([one.since_opened(one.resolved_at) for one in incidents]),
    }
    alerts, called = Counter[str](), Counter(one.alert_name for one in incidents if one.alerts)
    for one in incidents:
        alerts[one.alert_name] += len(one.alerts)
    return whole | {
        "by_state": dict(Counter(one.incident["state"] for one in incidents)),
        "by_severity": by(incidents, "severity", ("critical", "high", "medium", "low", "info")),
        "services": sorted(
            by(incidents, "service_name", {one.incident["service_name"] for one in incidents}, "service"),
            key=lambda one: (-one["incidents"], one["service"]),
        ),
        "noisiest": [
            {"name": name, "alerts": alerts[name], "incidents": called[name], "flapping": 0}
            for name in sorted(called, key=lambda name: (-alerts[name], name))
        ],
        "people": people(incidents),
    }


def by(incidents: Sequence[Told], field: str, values: Iterable[str], called: str = "") -> list[dict[str, Any]]:
    groups = {value: [one for one in incidents if one.incident[field] == value] for value in values}
    return [group(some) | {called or field: value} for value, some in groups.items() if some]


def people(incidents: Sequence[Told]) -> list[dict[str, Any]]:
    seconds, touched, acknowledged, resolved = (Counter[str]() for _ in range(4))
    for one in incidents:
        seconds += one.seconds_by_person()
        touched.update(set(one.seconds_by_person()))
        acknowledged.update([one.taken_up[0]["actor"]["id"]] if one.taken_up else [])
        resolved.update([one.resolver["id"]] if one.resolver and one.resolver["kind"] == "user" else [])
    found = [
        {
            "person_id": person,
            "incidents": touched[person],
            "acknowledged": acknowledged[person],
            "resolved": resolved[person],
            "seconds": seconds[person],
        }
        for person in seconds
    ]
    return sorted(found, key=lambda one: (-one["seconds"], one["person_id"]))
