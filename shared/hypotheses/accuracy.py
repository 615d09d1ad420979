"""How good the hypotheses were, by what people decided about them.

An incident is judged once one of its causes is confirmed, or the hypothesis that led is rejected: then it counts as
wrong, until another is confirmed. Checks decide nothing, so they count for nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Final
from uuid import UUID

from shared.hypotheses.judging import Verdict

ENOUGH: Final = 20
"""So many incidents have to be judged before confidences are compared with what was right."""

DEPTH: Final = 3
_TENTHS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What the machine alone had proposed when a verdict was given; `confidence` in 0-1."""

    component: str
    cause_code: str
    confidence: float
    source: str

    @property
    def cause(self) -> tuple[str, str]:
        """What it is about."""
        return self.component, self.cause_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A verdict on a proposal, its rank from 1, and all that was proposed then, best first."""

    incident_id: UUID
    verdict: Verdict
    rank: int
    proposal: Proposal
    ranking: tuple[Proposal, ...]

    @property
    def is_rejected_lead(self) -> bool:
        return self.verdict is Verdict.REJECTED and self.rank == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An incident of which people have said what its cause was, or at least that the lead was wrong."""

    confirmed: Decided | None
    rejected: tuple[Decided, ...]

    def is_right(self, depth: int) -> bool:
        """Whether the cause was among the first `depth`. A lead that was rejected stays wrong, whatever led later."""
        if self.confirmed is None or self.confirmed.rank > depth:
            return False
        return depth > 1 or not any(one.is_rejected_lead for one in self.rejected)

    @property
    def lead(self) -> Proposal:
        """What led: what was judged as that, else what the ranking of the confirmed cause began with."""
        decided = (*self.rejected, self.confirmed) if self.confirmed else self.rejected
        first = next((one.proposal for one in decided if one.rank == 1), None)
        return first or (*decided[-1].ranking, decided[-1].proposal)[0]

    @property
    def proposals(self) -> list[tuple[Proposal, bool]]:
        """All that can be told right from wrong: beside the one cause that was confirmed, everything was wrong."""
        right = {self.confirmed.proposal.cause: self.confirmed.proposal} if self.confirmed else {}
        ranked = self.confirmed.ranking if self.confirmed else ()
        wrong = {one.cause: one for one in (*ranked, *(each.proposal for each in self.rejected))}
        return [(one, one.cause in right) for one in (wrong | right).values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Of `incidents`, those whose cause came first, and among the first three."""

    incidents: int
    first: int
    among_three: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """What was given a confidence of `at_least` to `below`, a tenth, and how much of it was right."""

    at_least: float
    below: float
    hypotheses: int
    right: int


def judged_incidents(verdicts: Iterable[Decided]) -> list[Judged]:
    """Return the incidents that are judged, of all verdicts of theirs."""
    ordered = sorted(verdicts, key=attrgetter("incident_id"))
    incidents = [_judged(list(group)) for _, group in groupby(ordered, key=attrgetter("incident_id"))]
    return [one for one in incidents if one.confirmed or any(each.is_rejected_lead for each in one.rejected)]


def ranking(judged: Iterable[Judged]) -> Ranking:
    """Count how often the cause came first, and among the first three."""
    found = list(judged)
    return Ranking(
        incidents=len(found),
        first=sum(one.is_right(1) for one in found),
        among_three=sum(one.is_right(DEPTH) for one in found),
    )


def by_cause(judged: Iterable[Judged]) -> dict[str, Ranking]:
    """Return how well each cause was found where it was the one, the most frequent first."""
    return _by((one.confirmed.proposal.cause_code, one) for one in judged if one.confirmed)


def by_generator(judged: Iterable[Judged]) -> dict[str, Ranking]:
    """Return how good each generator's leads were, the most frequent first."""
    return _by((one.lead.source, one) for one in judged)


def reliability(judged: Sequence[Judged]) -> tuple[Bucket, ...] | None:
    """Return how much was right of what was given each tenth of confidence; None before there are enough incidents."""
    if len(judged) < ENOUGH:
        return None
    tenths: dict[int, list[bool]] = {}
    for one in judged:
        for proposal, is_right in one.proposals:
            tenths.setdefault(min(int(proposal.confidence * _TENTHS), _TENTHS - 1), []).append(is_right)
    return tuple(
        Bucket(at_least=tenth / _TENTHS, below=(tenth + 1) / _TENTHS, hypotheses=len(told), right=sum(told))
        for tenth, told in sorted(tenths.items())
    )


def _judged(verdicts: Sequence[Decided]) -> Judged:
    return Judged(
        confirmed=next((one for one in verdicts if one.verdict is Verdict.CONFIRMED), None),
        rejected=tuple(one for one in verdicts if one.verdict is Verdict.REJECTED),
    )


def _by(named: Iterable[tuple[str, Judged]]) -> dict[str, Ranking]:
    groups: dict[str, list[Judged]] = {}
    for name, one in named:
        groups.setdefault(name, []).append(one)
    ordered = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return {name: ranking(group) for name, group in ordered}
