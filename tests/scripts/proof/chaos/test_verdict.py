"""The verdict has teeth: whatever is lost, doubled or made up in the stores is found."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

import pytest

from scripts.proof.chaos.blows import Blow, Kind, Part
from scripts.proof.chaos.recovery import Struck, extra_calls, unaudited
from scripts.proof.chaos.senders import Attempt, Told
from scripts.proof.chaos.stored import Stored
from scripts.proof.chaos.traffic import Fact, Notification
from scripts.proof.chaos.verdict import Findings, judge
from scripts.proof.chaos.world import Receiver, World

BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
NOW: Final = BEGINNING.timestamp()
FIRES: Final = Fact("Hot1", "pod", 1.0)
QUEUES: Final = {"incident.created": ("hypotheses", "transitions", "notifications"), "alert.resolved": ("transitions",)}


def an_id(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


ALERT, INCIDENT, INTEGRATION = an_id("alert"), an_id("incident"), an_id("integration")


def event(seq: int | None, type_: str, subject: UUID, **changes: list[str | None]) -> dict[str, Any]:
    at = BEGINNING + timedelta(seconds=2)
    return {
        "id": an_id(f"{type_}{seq}"),
        "type": type_,
        "subject_id": subject,
        "seq": seq,
        "at": at,
        "changes": changes,
    }


EVENTS: Final = [
    event(1, "incident.created", INCIDENT, state=[None, "detected"]),
    event(2, "alert.fired", ALERT),
    event(3, "hypothesis.generated", INCIDENT),
    event(4, "alert.resolved", ALERT),
    event(5, "incident.updated", INCIDENT, state=["detected", "mitigated"]),
]
CONSUMED: Final = {
    **QUEUES,
    "hypothesis.generated": ("notifications",),
    "incident.updated": ("notifications",),
}
DELIVERY: Final = {"id": an_id("delivery"), "event_id": EVENTS[0]["id"], "status": "sent"}
WORLD: Final = World(
    tenant_id="t",
    project_id="p",
    integrations=(str(INTEGRATION),),
    tokens=("token",),
    receiver=Receiver(received={str(DELIVERY["id"]): 1}),
)
ROW: Final = {
    "id": ALERT,
    "integration_id": INTEGRATION,
    "problem": "Hot1",
    "source": "pod",
    "starts_at": BEGINNING + timedelta(seconds=1),
    "fired": True,
    "resolved": True,
    "incident_id": INCIDENT,
}
RIGHT: Final = Stored(
    alerts=[ROW],
    incidents=[{"id": INCIDENT, "grouping_key": "k", "state": "mitigated"}],
    events=EVENTS,
    inbox=[{"id": one["id"], "consumer": queue} for one in EVENTS for queue in CONSUMED.get(one["type"], ())],
    runs=[{"incident_id": INCIDENT, "run": 1, "hypotheses": 4, "ranks": 4}],
    deliveries=[DELIVERY],
    letters=[],
    model_calls=[],
    open_transactions=0,
    audited=frozenset({"r"}),
)


def told(*facts: Fact) -> Told:
    one = Told(notification=Notification(at=0, sender=0, problem="Hot1", facts=facts), stored="database")
    one.attempts.append(Attempt(request_id="r", host=Part.HOST_A, began=NOW, ended=NOW + 1, status=202))
    return one


TOLD: Final = [told(FIRES), told(replace(FIRES, ended=2.0))]


def judged(stored: Stored, published: set[str] | None = None) -> Findings:
    found = Findings()
    judge(found, TOLD, BEGINNING, WORLD, stored, {str(one["id"]) for one in EVENTS} if published is None else published)
    return found


def test_what_is_right_is_found_right() -> None:
    assert list(judged(RIGHT).shown()) == []


WRONG: dict[str, tuple[str, Callable[[Stored], Stored]]] = {
    "an alert is not there": ("lost", lambda s: replace(s, alerts=[])),
    "an end is not there": ("lost", lambda s: replace(s, alerts=[{**ROW, "resolved": False}])),
    "an alert is in no incident": ("lost", lambda s: replace(s, alerts=[{**ROW, "incident_id": None}])),
    "an alert that nobody told": (
        "phantom",
        lambda s: replace(s, alerts=[ROW, {**ROW, "id": an_id("x"), "source": "x"}]),
    ),
    "two incidents of a key": (
        "doubled",
        lambda s: replace(s, incidents=[*s.incidents, {**s.incidents[0], "id": an_id("y")}]),
    ),
    "a state that no alert implies": (
        "other",
        lambda s: replace(s, incidents=[{**s.incidents[0], "state": "detected"}]),
    ),
    "an event twice": ("doubled", lambda s: replace(s, events=[*s.events, event(6, "alert.fired", ALERT)])),
    "an event not at all": ("lost", lambda s: replace(s, events=[one for one in s.events if one["seq"] != 4])),
    "a number left out": ("gaps", lambda s: replace(s, events=[*s.events[:4], {**s.events[4], "seq": 6}])),
    "a move that leads nowhere": (
        "other",
        lambda s: replace(
            s, events=[*s.events[:4], event(5, "incident.updated", INCIDENT, state=["resolved", "mitigated"])]
        ),
    ),
    "work that nobody finished": ("lost", lambda s: replace(s, inbox=s.inbox[1:])),
    "a run published twice": (
        "doubled",
        lambda s: replace(s, events=[*s.events, event(6, "hypothesis.generated", INCIDENT)]),
    ),
    "a rank twice": ("doubled", lambda s: replace(s, runs=[{**s.runs[0], "ranks": 3}])),
    "a notification that nobody got": (
        "lost",
        lambda s: replace(s, deliveries=[*s.deliveries, {**DELIVERY, "id": an_id("z")}]),
    ),
    "an incident that nobody was told of": ("lost", lambda s: replace(s, deliveries=[{**DELIVERY, "event_id": None}])),
    "a dead letter": ("other", lambda s: replace(s, letters=[{"source": "hypotheses", "reason": "five times"}])),
    "an open transaction": ("other", lambda s: replace(s, open_transactions=1)),
}


@pytest.mark.parametrize(("kind", "change"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_found(kind: str, change: Callable[[Stored], Stored]) -> None:
    assert getattr(judged(change(RIGHT)), kind) != []


def test_an_event_that_web_pubsub_never_took_is_lost() -> None:
    assert judged(RIGHT, published=set()).lost != []


def struck(kind: Kind, at: float) -> Struck:
    blow = Blow(at=at, kind=kind, parts=(Part.HOST_A,), seconds=1)
    return Struck(blow=blow, began=NOW + at, ended=NOW + at + 1, has_struck=True)


@pytest.mark.parametrize(
    ("blows", "found"),
    [
        ([], (0, 1)),
        ([struck(Kind.KILL, 2)], (1, 0)),
        ([struck(Kind.KILL, 20)], (0, 1)),
        ([struck(Kind.CUT, 2)], (0, 1)),
    ],
)
def test_only_a_process_that_died_soon_after_may_take_its_audit_along(
    blows: list[Struck], found: tuple[int, int]
) -> None:
    explained, others = unaudited(TOLD[:1], replace(RIGHT, audited=frozenset()), blows)
    assert (explained, len(others)) == found


@pytest.mark.parametrize(("at", "unexplained"), [(0.5, 0), (30, 1)])
def test_the_model_is_asked_again_only_for_calls_that_a_blow_fell_on(at: float, unexplained: int) -> None:
    call = {"incident_id": INCIDENT, "created_at": BEGINNING, "settled_at": None, "outcome": "open"}
    stored = replace(RIGHT, model_calls=[call, {**call, "created_at": BEGINNING + timedelta(minutes=1)}])
    again, others = extra_calls(stored, [struck(Kind.KILL, at)], deadline=10)
    assert (again, len(others)) == (1, unexplained)
