"""Alert histories as senders live through them, with what people do meanwhile; and strategies that make them up.

A history is a row of eras. The machine's patience ends between eras and never inside one, so within an era messages may
be late, be repeated and overtake each other as they like. Later eras may repeat them once more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from hypothesis import strategies
from hypothesis.strategies import DrawFn, SearchStrategy

from shared.alerts.flapping import MAX_CHANGES, SPAN

ERA: Final = timedelta(seconds=25)  # from an era's first message until all is quiet
TICK: Final = timedelta(milliseconds=100)  # from one message to the next; an era has far fewer than 250
WINDOW: Final = timedelta(minutes=11, seconds=35)  # of maintenance: ends between two eras, whichever steps there are
STEPS: Final = (1, 11, 31)  # minutes; 10 are the quiet period, 30 the reopen window and what flapping is counted in
SENDERS: Final = ("alertmanager", "grafana")
_FIRST_TOLD: Final = timedelta(seconds=42.5)  # before the era's first message; no two facts have one time
_APART: Final = timedelta(seconds=5)
_MAX_FACTS: Final = 6  # of an era; five changes make an alert flap


class Deed(StrEnum):
    """What a person does at the end of an era."""

    NOTHING = "nothing"
    MERGE = "merge the second open incident into the first"
    UNMERGE = "unmerge the first merged incident"
    ACKNOWLEDGE = "acknowledge the first detected incident"
    MAINTAIN = "begin maintenance of the first problem"


@dataclass(frozen=True, slots=True)
class Source:
    """What alerts: one fingerprint of one sender. Alerts of a problem are one group."""

    sender: int
    problem: int
    pod: int


@dataclass(frozen=True, slots=True)
class Notice:
    """One alert as its sender tells of it. Times are since the beginning; one with an end has resolved."""

    source: Source
    began: timedelta
    ended: timedelta | None = None

    def body(self, beginning: Any) -> dict[str, Any]:
        """Return it as AlertManager and Grafana write it."""
        source = self.source
        return {
            "status": "resolved" if self.ended is not None else "firing",
            "labels": {
                "alertname": f"Problem{source.problem}",
                "team": "shop",
                "pod": f"pod-{source.pod}",
                "severity": ("critical", "warning")[source.pod],
            },
            "annotations": {"summary": f"Problem {source.problem} of pod {source.pod}"},
            "startsAt": (beginning + self.began).isoformat(),
            "endsAt": (beginning + self.ended).isoformat() if self.ended is not None else "0001-01-01T00:00:00Z",
        }


@dataclass(frozen=True, slots=True)
class Era:
    """What senders tell, in the order in which it happens; what a person does then; minutes until the next era."""

    notices: tuple[Notice, ...]
    deed: Deed
    minutes: int

    @property
    def length(self) -> timedelta:
        return ERA + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class History:
    policies: Mapping[str, Any]
    eras: tuple[Era, ...]


@dataclass(frozen=True, slots=True)
class Disorder:
    """How messages go astray, all of it drawn from `seed`.

    `machine_waits`: its messages arrive after the alerts' of their era. Otherwise it may look in the middle, find a
    problem over that is not, mitigate the incident and reopen it: people then see `investigating` for `detected`.
    """

    seed: int
    machine_waits: bool


@dataclass(frozen=True, slots=True)
class Case:
    history: History
    disorder: Disorder


_POLICIES: Final = strategies.fixed_dictionaries(
    {
        "threshold": strategies.sampled_from([None, {"count": 2, "window": 300}]),
        "grouping": strategies.sampled_from(
            [None, {"by": "labels", "labels": ["team"]}, {"by": "fingerprint", "labels": []}]
        ),
    }
)
_SOURCES: Final = strategies.builds(
    Source, sender=strategies.integers(0, 1), problem=strategies.integers(0, 1), pod=strategies.integers(0, 1)
)
# Which source something happens to; whether it is told that it ended though nobody told that it began.
_FACTS: Final = strategies.lists(
    strategies.tuples(strategies.integers(0, 3), strategies.booleans()), min_size=1, max_size=_MAX_FACTS
)


@strategies.composite
def _cases(draw: DrawFn) -> Case:
    machine_waits = draw(strategies.booleans())
    # A machine that looks in between may mitigate before it sees that an alert flaps, and has then reopened what is
    # only detected elsewhere: so nothing flaps, and nobody acknowledges.
    deeds = [deed for deed in Deed if machine_waits or deed is not Deed.ACKNOWLEDGE]
    sources = draw(strategies.lists(_SOURCES, min_size=1, max_size=4, unique=True))
    firing: dict[Source, Notice] = {}
    changes: dict[Source, list[timedelta]] = {}
    eras: list[Era] = []
    for _ in range(draw(strategies.sampled_from([1, 2, 2, 3]))):
        begins = sum((era.length for era in eras), timedelta())
        notices = []
        for place, (which, repeats_or_skips) in enumerate(draw(_FACTS)):
            source = sources[which % len(sources)]
            at = begins - _FIRST_TOLD + place * _APART
            changes[source] = [*(change for change in changes.get(source, ()) if at - change <= SPAN), at]
            if machine_waits or len(changes[source]) <= MAX_CHANGES:
                notices.append(_next(firing, source, at, repeats_or_skips=repeats_or_skips))
        deed, minutes = draw(strategies.sampled_from(deeds)), draw(strategies.sampled_from(STEPS))
        eras.append(Era(tuple(notices), deed, minutes))
    disorder = Disorder(draw(strategies.integers(0, 2**16)), machine_waits)
    return Case(History(draw(_POLICIES), tuple(eras)), disorder)


def _next(firing: dict[Source, Notice], source: Source, at: timedelta, *, repeats_or_skips: bool) -> Notice:
    """Return what a source tells next: that it fires, fires still, is over, or was over before anybody knew of it."""
    now = firing.get(source)
    if now is None:
        if repeats_or_skips:
            return Notice(source, at, at + _APART / 2)
        firing[source] = Notice(source, at)
        return firing[source]
    if repeats_or_skips:
        return now
    del firing[source]
    return Notice(source, now.began, at)


CASES: Final[SearchStrategy[Case]] = _cases()
