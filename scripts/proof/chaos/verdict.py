"""Whether what is stored is what was told: nothing lost, nothing twice, nothing that nobody said."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from functions.subscriptions import ROUTES
from scripts.proof.chaos.senders import Told
from scripts.proof.chaos.stored import Stored
from scripts.proof.chaos.traffic import Episode, Expected, expected
from scripts.proof.chaos.world import World
from shared.hypotheses.events import HypothesisGenerated
from shared.incidents.events import AlertFired, AlertResolved, IncidentCreated, IncidentUpdated
from shared.notifications.values import DeliveryStatus

_FIRING: Final = frozenset({"detected", "investigating"})
_QUIET: Final = frozenset({"mitigated"})
_SHOWN: Final = 5


@dataclass(slots=True)
class Findings:
    """What is wrong, by kind, each with examples; empty lists are what is wanted."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    phantom: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        return not (self.lost or self.doubled or self.phantom or self.gaps or self.other)

    def shown(self) -> Iterator[str]:
        """Yield a line for each kind of error, and the first few of it."""
        for kind in ("lost", "doubled", "phantom", "gaps", "other"):
            found: list[str] = getattr(self, kind)
            for one in found[:_SHOWN]:
                yield f"{kind}: {one}"
            if len(found) > _SHOWN:
                yield f"{kind}: … and {len(found) - _SHOWN} more"


def judge(
    found: Findings, told: Sequence[Told], beginning: datetime, world: World, stored: Stored, published: set[str]
) -> None:
    """Compare what is stored with what senders were promised, and with what they said at all; note what is wrong."""
    promised = expected([one.notification for one in told if one.is_accepted], beginning)
    said = expected([one.notification for one in told if one.attempts], beginning)
    _judge_alerts(found, promised, said, world, stored)
    _judge_incidents(found, promised, stored)
    _judge_events(found, stored)
    _judge_destinations(found, world, stored, published)
    _judge_letters(found, promised, stored)
    if refused := [one for one in told if not one.is_accepted]:
        statuses = Counter(one.attempts[-1].status for one in refused if one.attempts)
        found.other.append(f"{len(refused)} notifications were never accepted: {dict(statuses)}")
    if stored.open_transactions:
        found.other.append(f"{stored.open_transactions} transactions are open")


def _judge_alerts(found: Findings, promised: Expected, said: Expected, world: World, stored: Stored) -> None:
    numbers = {UUID(one): number for number, one in enumerate(world.integrations)}
    rows: dict[Episode, tuple[bool, bool]] = {}
    for row in stored.alerts:
        key = (numbers[row["integration_id"]], row["source"], row["starts_at"])
        rows[key] = (row["fired"], row["resolved"])
        if row["fired"] and row["incident_id"] is None:
            found.lost.append(f"{_named(key)} fired and is in no incident")
    for key, facts in promised.episodes.items():
        if missing := _beyond(facts, rows.get(key, (False, False))):
            found.lost.append(f"{_named(key)} {missing}")
    for key, facts in rows.items():
        if surplus := _beyond(facts, said.episodes.get(key, (False, False))):
            found.phantom.append(f"{_named(key)} {surplus}, and nobody said so")


def _beyond(facts: tuple[bool, bool], others: tuple[bool, bool]) -> str:
    """Return in words what holds in `facts` and not in `others`."""
    names = ("fired", "resolved")
    return " and ".join(name for name, one, other in zip(names, facts, others, strict=True) if one and not other)


def _judge_incidents(found: Findings, promised: Expected, stored: Stored) -> None:
    of_problem: defaultdict[str, set[UUID]] = defaultdict(set)
    for row in stored.alerts:
        if row["incident_id"] is not None:
            of_problem[row["problem"]].add(row["incident_id"])
    states = {row["id"]: row["state"] for row in stored.incidents}
    for key, count in Counter(row["grouping_key"] for row in stored.incidents).items():
        if count > 1:
            found.doubled.append(f"{count} incidents of {key}")
    for problem, fires in promised.firing.items():
        for incident_id in of_problem[problem]:
            if states.get(incident_id) not in (_FIRING if fires else _QUIET):
                is_so = "fires" if fires else "is over"
                found.other.append(f"{problem} {is_so}, and its incident is {states.get(incident_id)}")
    for incident_id in states.keys() - set().union(*of_problem.values()):
        found.phantom.append(f"incident {incident_id} has no alert")


def _judge_events(found: Findings, stored: Stored) -> None:
    once = {
        AlertFired.type: {row["id"] for row in stored.alerts if row["fired"]},
        AlertResolved.type: {row["id"] for row in stored.alerts if row["fired"] and row["resolved"]},
        IncidentCreated.type: {row["id"] for row in stored.incidents},
    }
    for type_, subjects in once.items():
        counted = stored.events_of(type_)
        found.lost += [f"no {type_} of {one}" for one in subjects - counted.keys()]
        found.phantom += [f"{type_} of {one}, which is not so" for one in counted.keys() - subjects]
        found.doubled += [f"{count} {type_} of {one}" for one, count in counted.items() if count > 1]
    _judge_moves(found, stored)
    analysed = stored.events_of(HypothesisGenerated.type)
    runs = Counter(row["incident_id"] for row in stored.runs)
    found.lost += [f"no hypotheses of {row['id']}" for row in stored.incidents if not analysed[row["id"]]]
    found.doubled += [f"{n} publications of {runs[one]} runs of {one}" for one, n in analysed.items() if n != runs[one]]
    found.doubled += [
        f"a rank twice in a run of {row['incident_id']}" for row in stored.runs if row["ranks"] < row["hypotheses"]
    ]
    numbers = sorted(event["seq"] for event in stored.events if event["seq"] is not None)
    found.gaps += [f"after number {one} comes {other}" for one, other in pairwise([0, *numbers]) if other != one + 1]


def _judge_moves(found: Findings, stored: Stored) -> None:
    """The moves that are recorded lead from the first state to the one that is stored."""
    states: dict[UUID, Any] = {}
    for event in stored.events:
        if event["type"] in {IncidentCreated.type, IncidentUpdated.type} and "state" in event["changes"]:
            before, after = event["changes"]["state"]
            if states.get(event["subject_id"]) != before:
                found.other.append(
                    f"a move from {before} of {event['subject_id']}, which was {states.get(event['subject_id'])}"
                )
            states[event["subject_id"]] = after
    for row in stored.incidents:
        if states.get(row["id"]) != row["state"]:
            found.other.append(f"{row['id']} is {row['state']}, and its history ends with {states.get(row['id'])}")


def _judge_destinations(found: Findings, world: World, stored: Stored, published: set[str]) -> None:
    finished = {(row["id"], row["consumer"]) for row in stored.inbox}
    for event in stored.events:
        for queue in ROUTES.queues.get(event["type"], ()):
            if (event["id"], queue) not in finished:
                found.lost.append(f"{event['type']} {event['id']} never finished by {queue}")
        if event["type"] in ROUTES.live and str(event["id"]) not in published:
            found.lost.append(f"{event['type']} {event['id']} never published")
    ids = {str(row["id"]) for row in stored.deliveries}
    told = world.receiver.received.keys()
    found.lost += [f"notification {one} never came" for one in ids - told]
    found.phantom += [f"notification {one} came, and nobody planned it" for one in told - ids]
    found.other += [
        f"a notification is {row['status']}" for row in stored.deliveries if row["status"] != DeliveryStatus.SENT
    ]
    planned = {row["event_id"] for row in stored.deliveries}
    opened = (event["id"] for event in stored.events if event["type"] == IncidentCreated.type)
    found.lost += [f"nobody was told of incident.created {one}" for one in opened if one not in planned]


def _judge_letters(found: Findings, promised: Expected, stored: Stored) -> None:
    letters = Counter((row["source"], row["reason"]) for row in stored.letters)
    unreadable = sum(count for (source, _), count in letters.items() if source == "alerts")
    if unreadable < len(promised.bad):
        found.lost.append(f"{len(promised.bad) - unreadable} unreadable alerts left no dead letter")
    if unreadable > len(promised.bad):
        found.other.append(
            f"{unreadable - len(promised.bad)} dead letters of alerts that are not explained: {dict(letters)}"
        )
    found.other += [
        f"{count} dead letters of {source}: {reason}"
        for (source, reason), count in letters.items()
        if source != "alerts"
    ]


def _named(key: Episode) -> str:
    integration, source, began = key
    return f"{source} of cluster {integration}, which began {began:%H:%M:%S}"
