"""How much each candidate deserves belief, and why: pure, explained, and the same for every generator.

The formula, in the order of a hypothesis's factors:

1. The aspects of `CAUSE_ASPECTS` (for the null candidate `NULL_ASPECTS`) add up: contribution = weight times value.
   The weights of a table sum to 1, so the sum is in 0-1.
2. What speaks against the candidate takes away up to `CONTRADICTION` of that sum, by its share of the cited evidence.
3. Without decisive evidence the result is capped at `CAP_UNDECIDED`, with it at `CAP_DECIDED`.
4. The candidates kept exclude each other, and there is always one more explanation that nobody thought of. With each
   result s taken as the candidate's probability if it stood alone, its odds are o = s / (1 - s), and its share is
   o / (1 + sum of all odds). A candidate without rivals keeps its s.
5. What such a share has been worth in cases whose cause is known is the confidence (`knowledge.calibration`). Two
   hypotheses may both be right, in part or in other words, so confidences need not sum to 1.

Every step is a factor, so a hypothesis's contributions sum to its confidence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import copysign, fsum
from typing import Final

from shared.hypotheses.factors import CAUSE_ASPECTS, NULL_ASPECTS, View, is_decisive
from shared.hypotheses.knowledge.calibration import calibrated
from shared.hypotheses.knowledge.causes import CAUSES
from shared.hypotheses.knowledge.checks import check_for
from shared.hypotheses.values import (
    Candidate,
    Case,
    CauseCode,
    Evidence,
    Factor,
    Hypothesis,
    Outcome,
    OutcomeKind,
    RuledOut,
)

BAR: Final = 0.25
"""The score from which a candidate explains something: more than severity and base rate give to any suspicion."""

CONTRADICTION: Final = 0.8
CAP_UNDECIDED: Final = 0.5
CAP_DECIDED: Final = 0.95

MIN_KEPT: Final = 3
MAX_KEPT: Final = 5
KEPT_SHARE: Final = 0.5
"""Beyond `MIN_KEPT`, a candidate is kept when it has this share of the best one's score."""

MAX_RULED_OUT: Final = 10


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A candidate with its factors as if it stood alone; `score` is the sum of their contributions."""

    candidate: Candidate
    factors: tuple[Factor, ...]

    @property
    def score(self) -> float:
        return fsum(factor.contribution for factor in self.factors)

    @property
    def odds(self) -> float:
        return self.score / (1 - self.score)

    @property
    def is_null(self) -> bool:
        return self.candidate.cause_code is CauseCode.NONE


def score(case: Case, evidence: Sequence[Evidence], candidates: Iterable[Candidate]) -> Outcome:
    """Rank grounded candidates; the module's docstring has the formula."""
    view = View.of(case, evidence)
    weighed = sorted((_weigh(view, candidate) for candidate in candidates), key=_rank)
    kept = _kept(weighed)
    hypotheses = tuple(_hypothesis(rank, entry, kept) for rank, entry in enumerate(kept, start=1))
    explains = any(entry.score >= BAR for entry in kept)
    return Outcome(
        kind=OutcomeKind.RANKED if explains else OutcomeKind.INCONCLUSIVE,
        hypotheses=hypotheses,
        lead=None if explains else next((one for one in hypotheses if one.cause_code is not CauseCode.NONE), None),
        ruled_out=tuple(_ruled_out(entry) for entry in weighed if entry not in kept)[:MAX_RULED_OUT],
    )


def _rank(entry: _Weighed) -> tuple[float, str, str]:
    """Best first; equals in the order of their names, so that the order of arrival does not show."""
    return (-entry.score, entry.candidate.component, entry.candidate.cause_code)


def _weigh(view: View, candidate: Candidate) -> _Weighed:
    aspects = NULL_ASPECTS if candidate.cause_code is CauseCode.NONE else CAUSE_ASPECTS
    factors: list[Factor] = []
    for aspect in aspects:
        found = aspect.judge(view, candidate)
        factors.append(_factor(aspect.name, aspect.weight, found.value, found.evidence, found.why))
    factors += _contradiction(candidate, fsum(factor.contribution for factor in factors))
    factors += _cap(is_decisive(view, candidate), fsum(factor.contribution for factor in factors))
    return _Weighed(candidate, tuple(factors))


def _factor(name: str, weight: float, value: float, evidence: tuple[str, ...], why: str) -> Factor:
    return Factor(name=name, weight=weight, value=value, contribution=weight * value, evidence=evidence, why=why)


def _contradiction(candidate: Candidate, sum_so_far: float) -> tuple[Factor, ...]:
    against = candidate.evidence_against
    if not against:
        return ()
    share = len(against) / (len(against) + len(candidate.evidence_for))
    why = f"Evidence against it takes away up to {CONTRADICTION:.0%} of what speaks for it."
    return (_factor("contradiction", -CONTRADICTION * sum_so_far, share, against, why),)


def _cap(decisive: bool, sum_so_far: float) -> tuple[Factor, ...]:  # noqa: FBT001 - one caller, which names it
    cap = CAP_DECIDED if decisive else CAP_UNDECIDED
    if sum_so_far <= cap:
        return ()
    reason = "Alerts alone never prove a cause" if decisive else "No evidence is decisive"
    return (_factor("cap", -1.0, sum_so_far - cap, (), f"{reason}, so the score ends at {cap:.2f}."),)


def _kept(weighed: Sequence[_Weighed]) -> list[_Weighed]:
    """The best `MIN_KEPT` to `MAX_KEPT`, the null candidate always among them."""
    worthy = [
        entry
        for place, entry in enumerate(weighed[:MAX_KEPT])
        if place < MIN_KEPT or entry.score >= KEPT_SHARE * weighed[0].score
    ]
    missed_null = [entry for entry in weighed if entry.is_null and entry not in worthy]
    return [*worthy[: MAX_KEPT - len(missed_null)], *missed_null]


def _hypothesis(rank: int, entry: _Weighed, kept: Sequence[_Weighed]) -> Hypothesis:
    candidate = entry.candidate
    share = entry.odds / (1 + fsum(one.odds for one in kept))
    confidence = calibrated(share)
    rivals = _factor("rivals", -1.0, entry.score - share, (), f"Other explanations compete with it: {len(kept) - 1}.")
    worth = f"In known cases, such a share was right {confidence:.0%} of the time."
    calibration = _factor("calibration", copysign(1.0, confidence - share), abs(confidence - share), (), worth)
    return Hypothesis(
        rank=rank,
        component=candidate.component,
        cause_code=candidate.cause_code,
        change_id=candidate.change_id,
        claim=candidate.claim,
        description=CAUSES[candidate.cause_code].description,
        confidence=confidence,
        factors=(*entry.factors, rivals, calibration),
        evidence_for=candidate.evidence_for,
        evidence_against=candidate.evidence_against,
        check=check_for(candidate.cause_code, candidate.component),
    )


def _ruled_out(entry: _Weighed) -> RuledOut:
    against = ", ".join(entry.candidate.evidence_against)
    reason = f"{against} speaks against it" if against else "Others explain the evidence better"
    return RuledOut(
        component=entry.candidate.component,
        cause_code=entry.candidate.cause_code,
        reason=f"{reason}; it scored {entry.score:.2f}.",
    )
