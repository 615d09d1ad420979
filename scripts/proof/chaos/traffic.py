"""What senders tell in a run, made up from a seed: notifications of groups of alerts, many of them more than once.

What it comes to is known beforehand: an episode has fired and resolved as soon as somebody said so, in whatever order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

SENDERS: Final = 6
REPLICAS: Final = 2
"""Senders of one integration: AlertManagers in a cluster, which tell the same at the same moment."""

HOT_SHARE: Final = 0.5
REPEATED_SHARE: Final = 0.3
MAX_HOT: Final = 100
_HOT: Final = "Hot"
_ALERTS_A_HOT_KEY: Final = 20
_MAX_TOGETHER: Final = 5  # alerts of one notification
_MAX_EPISODES: Final = 2  # of one alert: two fires and two ends are not flapping yet
_BAD_SHARE: Final = 0.03
_HEALING_SHARE: Final = 0.2  # of the traffic, at its end: what fires of every other problem ends
_RESEND: Final = 20.0  # seconds; repeats come at once, from the other replica, or so much later at most

type Episode = tuple[int, str, datetime]
"""Integration, name of the source, start."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One alert as it is told: `problem` is its group, `source` tells it from others there. Times are seconds."""

    problem: str
    source: str
    began: float
    ended: float | None = None

    def body(self, beginning: datetime) -> dict[str, Any]:
        """Return it as AlertManager writes it."""
        return {
            "status": "firing" if self.ended is None else "resolved",
            "labels": {
                "alertname": self.problem,
                "service": f"service-of-{self.problem}",
                "pod": self.source,
                "severity": "warning",
            },
            "annotations": {"summary": f"{self.problem} of {self.source}"},
            "startsAt": _at(beginning, self.began),
            "endsAt": "0001-01-01T00:00:00Z" if self.ended is None else _at(beginning, self.ended),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What one post says, `at` seconds after the beginning. `bad` is an alert that nobody can read, by a number."""

    at: float
    sender: int
    problem: str
    facts: tuple[Fact, ...]
    bad: int | None = None

    @property
    def integration(self) -> int:
        return self.sender // REPLICAS

    def body(self, beginning: datetime) -> dict[str, Any]:
        """Return it as AlertManager writes it."""
        bad = [] if self.bad is None else [{"status": "firing", "labels": {}, "annotations": {"number": str(self.bad)}}]
        return {
            "version": "4",
            "receiver": "sre-copilot",
            "groupLabels": {"alertname": self.problem},
            "alerts": [*(fact.body(beginning) for fact in self.facts), *bad],
        }


@dataclass(slots=True)
class _Source:
    """What a source has told last."""

    problem: str
    name: str
    episodes: int = 0
    fact: Fact | None = None

    @property
    def fires(self) -> bool:
        return self.fact is not None and self.fact.ended is None

    @property
    def is_lively(self) -> bool:
        """Whether it has something new to tell."""
        return self.fires or self.episodes < _MAX_EPISODES

    def next(self, at: float, *, heals: bool) -> Fact:
        """Tell what comes next: it fires, still, or no more."""
        if self.fact is None or not self.fires:
            self.episodes += 1
            self.fact = Fact(self.problem, self.name, at)
        elif heals:
            self.fact = replace(self.fact, ended=at)
        return self.fact


@dataclass(slots=True)
class _Teller:
    """Makes up notifications, one after another."""

    random: Random
    alerts: int
    seconds: float
    told: list[Notification] = field(default_factory=list)
    _sources: dict[tuple[int, str], list[_Source]] = field(default_factory=dict)
    _count: int = 0
    _hot: int = 0
    _repeated: int = 0

    def tell_all(self) -> list[Notification]:
        while self._count < self.alerts:
            at = self.seconds * self._count / self.alerts
            room = min(self.alerts - self._count, _MAX_TOGETHER)
            fitting = [one for one in self.told[-500:] if len(one.facts) <= room]
            if fitting and self._repeated < REPEATED_SHARE * self._count:
                self._repeat(self.random.choice(fitting), at)
            else:
                self._tell(at, self.random.randint(1, room))
        return sorted(self.told, key=lambda one: one.at)

    def _repeat(self, first: Notification, at: float) -> None:
        twin = first.sender ^ 1
        at = first.at if self._tosses() else at + self.random.random() * _RESEND
        self._repeated += len(first.facts)
        self._add(Notification(at=min(at, self.seconds), sender=twin, problem=first.problem, facts=first.facts))

    def _tell(self, at: float, size: int) -> None:
        is_hot = self._hot < HOT_SHARE * self._count
        ill = self._ill(is_hot=is_hot) if self._count > (1 - _HEALING_SHARE) * self.alerts else []
        if ill:
            integration, problem = self.random.choice(ill)
            chosen = [one for one in self._sources[integration, problem] if one.fires][:size]
        else:
            integration = self.random.randrange(SENDERS // REPLICAS)
            problem = self._hot_problem() if is_hot else f"Cold{len(self.told)}"
            chosen = self._some(integration, problem, size)
        facts = tuple(one.next(at, heals=bool(ill) or self._tosses()) for one in chosen)
        sender = integration * REPLICAS + self.random.randrange(REPLICAS)
        bad = len(self.told) if self.random.random() < _BAD_SHARE else None
        self._add(Notification(at=at, sender=sender, problem=problem, facts=facts, bad=bad))

    def _ill(self, *, is_hot: bool) -> list[tuple[int, str]]:
        """Return what fires of every other problem, hot or not."""
        healing = {problem for _, problem in list(self._sources)[::2] if problem.startswith(_HOT) is is_hot}
        return [key for key, known in self._sources.items() if key[1] in healing and any(one.fires for one in known)]

    def _tosses(self) -> bool:
        return self.random.choice((True, False))

    def _add(self, told: Notification) -> None:
        self.told.append(told)
        self._count += len(told.facts)
        self._hot += len(told.facts) if told.problem.startswith(_HOT) else 0

    def _hot_problem(self) -> str:
        keys = max(1, min(MAX_HOT, self.alerts // _ALERTS_A_HOT_KEY))
        return f"{_HOT}{min(int(self.random.expovariate(3 / keys)), keys - 1)}"

    def _some(self, integration: int, problem: str, size: int) -> list[_Source]:
        """Return as many sources of a problem: those that can still tell something new, and new ones."""
        known = self._sources.setdefault((integration, problem), [])
        lively = [one for one in known if one.is_lively]
        chosen = self.random.sample(lively, min(size, len(lively)))
        fresh = [_Source(problem, f"{problem}-{integration}-{len(known) + n}") for n in range(size - len(chosen))]
        known.extend(fresh)
        return [*chosen, *fresh]


def traffic(seed: int, alerts: int, seconds: float) -> list[Notification]:
    """Return notifications of `alerts` alerts within `seconds`, in the order of their times."""
    return _Teller(Random(seed), alerts, seconds).tell_all()  # noqa: S311 - made up, not secret


@dataclass(frozen=True, slots=True)
class Expected:
    """What notifications come to: of each episode whether it has fired and resolved, and the unreadable alerts."""

    episodes: Mapping[Episode, tuple[bool, bool]]
    problems: Mapping[Episode, str]
    bad: frozenset[tuple[int, int]]

    @property
    def firing(self) -> Mapping[str, bool]:
        """Of each problem that has fired, whether anything of it fires still."""
        found: dict[str, bool] = {}
        for episode, (fired, resolved) in self.episodes.items():
            if fired:
                problem = self.problems[episode]
                found[problem] = found.get(problem, False) or not resolved
        return found


def expected(notifications: Sequence[Notification], beginning: datetime) -> Expected:
    """Return what these notifications come to, whatever their order and however often they came."""
    episodes: dict[Episode, tuple[bool, bool]] = {}
    problems: dict[Episode, str] = {}
    for one in notifications:
        for fact in one.facts:
            key = (one.integration, fact.source, beginning + timedelta(seconds=fact.began))
            fired, resolved = episodes.get(key, (False, False))
            episodes[key] = (fired or fact.ended is None, resolved or fact.ended is not None)
            problems[key] = fact.problem
    bad = frozenset((one.integration, one.bad) for one in notifications if one.bad is not None)
    return Expected(episodes, problems, bad)


def _at(beginning: datetime, seconds: float) -> str:
    return (beginning + timedelta(seconds=seconds)).isoformat()
