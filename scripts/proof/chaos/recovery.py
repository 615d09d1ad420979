"""How soon all was well again, and what a blow may have cost: calls of the model, and lines of the audit."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final
from uuid import UUID

from scripts.proof.chaos.blows import HOSTS, Blow, Kind, Part
from scripts.proof.chaos.senders import Attempt, Told
from scripts.proof.chaos.stored import Stored
from scripts.proof.chaos.traffic import Episode
from scripts.proof.chaos.world import World

_DEATHS: Final = frozenset({Kind.CRASH, Kind.KILL})
_OUTAGES: Final = frozenset({Kind.CRASH, Kind.KILL, Kind.STOP, Kind.CUT})
# Seconds for which a process gathers what it writes to the audit, and, while no store takes it, between two tries.
_GATHERED: Final = 1.5
_TRIES_AGAIN: Final = 12.0
_SETTLES: Final = 10.0  # seconds between a model's answer and what is made of it: a wait for a connection may take five


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """A blow as it fell: when, until all was up again (seconds since the epoch), and whether anything was struck."""

    blow: Blow
    began: float
    ended: float
    has_struck: bool

    def killed(self, host: Part) -> bool:
        return self.has_struck and self.blow.kind in _DEATHS and host in self.blow.parts

    def overlaps(self, since: float, until: float) -> bool:
        return self.has_struck and self.began <= until and since <= self.ended


@dataclass(frozen=True, slots=True)
class Times:
    """Some times in seconds, in short."""

    count: int
    p50: float
    p99: float
    longest: float

    @classmethod
    def of(cls, seconds: Iterable[float]) -> "Times":
        """Return them in short; none at all are all zeros."""
        ordered = sorted(seconds)
        if not ordered:
            return cls(0, 0.0, 0.0, 0.0)
        at = [round(ordered[ceil(share * len(ordered)) - 1], 2) for share in (0.5, 0.99, 1)]
        return cls(len(ordered), *at)


def to_incident(
    told: Sequence[Told], beginning: datetime, world: World, stored: Stored, struck: Sequence[Struck]
) -> Times:
    """From the first post of a fire that a killed host kept waiting to its incident, the queue's excepted."""
    first: dict[Episode, tuple[float, bool]] = {}
    for one in sorted((each for each in told if each.attempts), key=lambda each: each.attempts[0].began):
        for fact in one.notification.facts:
            key = (one.notification.integration, fact.source, beginning + timedelta(seconds=fact.began))
            first.setdefault(key, (one.attempts[0].began, _is_hit(one, struck) and one.stored == "database"))
    numbers = {UUID(one): number for number, one in enumerate(world.integrations)}
    keys = {(numbers[row["integration_id"]], row["source"], row["starts_at"]): row["fired_at"] for row in stored.alerts}
    return Times.of(
        keys[key].timestamp() - since for key, (since, is_hit) in first.items() if is_hit and keys.get(key) is not None
    )


def _is_hit(told: Told, struck: Sequence[Struck]) -> bool:
    deaths = [one for one in struck if any(one.killed(host) for host in HOSTS)]
    return any(one.overlaps(told.attempts[0].began, told.attempts[-1].ended) for one in deaths)


def to_finish(stored: Stored) -> Times:
    """From an event's recording until its consumers had finished it."""
    recorded = {event["id"]: event["at"] for event in stored.events}
    return Times.of((row["at"] - recorded[row["id"]]).total_seconds() for row in stored.inbox if row["id"] in recorded)


def database_back(told: Sequence[Told], struck: Sequence[Struck]) -> Times:
    """From when PostgreSQL was back until a webhook was stored in it."""
    direct = [one.attempts[-1] for one in told if one.stored == "database"]
    found = []
    for one in struck:
        if one.has_struck and one.blow.kind in _OUTAGES and Part.POSTGRES in one.blow.parts:
            after = [attempt.ended for attempt in direct if attempt.began >= one.ended]
            if after:
                found.append(min(after) - one.ended)
    return Times.of(found)


def from_queue(told: Sequence[Told], beginning: datetime, world: World, stored: Stored) -> Times:
    """From a webhook's answer `"stored": "queue"` until its alerts were in the database."""
    numbers = {UUID(one): number for number, one in enumerate(world.integrations)}
    made = {
        (numbers[row["integration_id"]], row["source"], row["starts_at"]): row["created_at"] for row in stored.alerts
    }
    found = []
    for one in told:
        if one.stored == "queue":
            answered = one.attempts[-1].ended
            for fact in one.notification.facts:
                at = made.get((one.notification.integration, fact.source, beginning + timedelta(seconds=fact.began)))
                if at is not None and at.timestamp() > answered:
                    found.append(at.timestamp() - answered)
    return Times.of(found)


def unaudited(told: Sequence[Told], stored: Stored, struck: Sequence[Struck]) -> tuple[int, list[str]]:
    """Return how many answered calls a dying process took with it, and which others the audit does not know."""
    missing = [
        attempt
        for one in told
        for attempt in one.attempts
        if attempt.status is not None and attempt.request_id not in stored.audited
    ]
    unexplained = [one for one in missing if not _died_with_it(one, struck)]
    return len(missing) - len(unexplained), [f"call {one.request_id} was answered {one.status}" for one in unexplained]


def _died_with_it(attempt: Attempt, struck: Sequence[Struck]) -> bool:
    for one in struck:
        if one.killed(attempt.host) and attempt.began <= one.ended:
            waits = (
                _TRIES_AGAIN
                if any(_is_without_stores(each, attempt.ended, one.ended) for each in struck)
                else _GATHERED
            )
            away = sum(each.ended - each.began for each in struck if _is_without_stores(each, attempt.ended, one.ended))
            if attempt.ended >= one.began - waits - away:
                return True
    return False


def _is_without_stores(one: Struck, since: float, until: float) -> bool:
    return Part.AZURITE in one.blow.parts and one.overlaps(since - _TRIES_AGAIN, until)


def extra_calls(stored: Stored, struck: Sequence[Struck], deadline: float) -> tuple[int, list[str]]:
    """Return how often the model was asked again about an incident, and which of those no blow explains.

    A call may be made again when a blow fell between its reservation and what was made of its answer.
    """
    calls: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in stored.model_calls:
        calls[row["incident_id"]].append(row)
    again = [(incident_id, row) for incident_id, rows in calls.items() for row in rows[:-1]]
    unexplained = [
        f"{incident_id} asked the model again after its call was {row['outcome']}"
        for incident_id, row in again
        if not any(one.overlaps(row["created_at"].timestamp(), _over(row, deadline)) for one in struck)
    ]
    return len(again), unexplained


def _over(row: dict[str, Any], deadline: float) -> float:
    """Return when nothing more came of a call."""
    ended = row["settled_at"].timestamp() if row["settled_at"] else row["created_at"].timestamp() + deadline
    return float(ended) + _SETTLES
