"""How much each candidate deserves belief, and why: pure, explained, and the same for every generator.

The formula, in the order of a hypothesis's factors:

1. The aspects of `CAUSE_ASPECTS` (for the null candidate `NULL_ASPECTS`) add up: contribution = weight times value.
   The weights of a table sum to 1, so the sum is in 0-1.
2. What speaks against the candidate takes away up to `CONTRADICTION` of that sum, by its share of the cited evidence.
3. Without decisive evidence the result is capped at `CAP_UNDECIDED`, with it at `CAP_DECIDED`. The first is a factor
   even where nothing is above it, for step 6.
4. What people found when they made the check, and their verdict, move it (`judging`).
5. The candidates kept exclude each other, and there is always one more explanation that nobody thought of. With each
   result s taken as the candidate's probability if it stood alone, its odds are o = s / (1 - s), and its share is
   o / (1 + sum of all odds). A candidate without rivals keeps its s.
6. What such a share has been worth in cases whose cause is known is the confidence (`knowledge.calibration`), up to the
   cap of step 3, which only what people found lifts. So what is decisive may overtake what is not. Two hypotheses may
   both be right, in part or in other words, so confidences need not sum to 1.

Every step is a factor, so a hypothesis's contributions sum to its confidence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import copysign, fsum, inf
from typing import Final

from shared.hypotheses.factors import CAUSE_ASPECTS, NULL_ASPECTS, View, is_decisive
from shared.hypotheses.judging import CHECK, VERDICT, Judgement, Verdict, by_cause, judgement_factors
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


_CAP: Final = "cap"
_RIVALS: Final = "rivals"
_CALIBRATION: Final = "calibration"
_RESCORED: Final = frozenset({CHECK, VERDICT, _RIVALS, _CALIBRATION})


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A candidate with its factors as if it stood alone; `score` is the sum of their contributions."""

    candidate: Candidate
    factors: tuple[Factor, ...]
    judgement: Judgement | None

    @property
    def score(self) -> float:
        return fsum(factor.contribution for factor in self.factors)

    @property
    def is_null(self) -> bool:
        return self.candidate.cause_code is CauseCode.NONE

    @property
    def is_rejected(self) -> bool:
        return self.judgement is not None and self.judgement.verdict is Verdict.REJECTED


def score(
    case: Case, evidence: Sequence[Evidence], candidates: Iterable[Candidate], judgements: Iterable[Judgement] = ()
) -> Outcome:
    """Rank grounded candidates; the module's docstring has the formula."""
    view, said = View.of(case, evidence), by_cause(judgements)
    weighed = sorted((_weigh(view, one, said.get((one.component, one.cause_code))) for one in candidates), key=_rank)
    kept = _kept(weighed)
    ruled_out = [_ruled_out(entry) for entry in weighed if entry not in kept]
    return _outcome([_alone(entry) for entry in kept], tuple(ruled_out[:MAX_RULED_OUT]))


def rescore(outcome: Outcome, judgements: Iterable[Judgement]) -> Outcome:
    """Rank the hypotheses of a run again, by what people say of them now and by nothing that they said before."""
    said = by_cause(judgements)
    alone = []
    for one in outcome.hypotheses:
        factors = tuple(factor for factor in one.factors if factor.name not in _RESCORED)
        found = judgement_factors(said.get((one.component, one.cause_code)), _sum(factors))
        alone.append(replace(one, factors=(*factors, *found), confidence=_sum((*factors, *found))))
    return _outcome(alone, outcome.ruled_out)


def _sum(factors: Iterable[Factor]) -> float:
    """A score, without the last digits: what is taken away altogether leaves nothing."""
    return max(round(fsum(factor.contribution for factor in factors), 12), 0.0)


def _outcome(alone: Sequence[Hypothesis], ruled_out: tuple[RuledOut, ...]) -> Outcome:
    """Let hypotheses compete whose confidence is still their score alone."""
    ordered = sorted(alone, key=lambda one: (-one.confidence, one.component, one.cause_code))
    hypotheses = _competing(ordered)
    causes = [one for one in hypotheses if one.confidence > 0 and one.cause_code is not CauseCode.NONE]
    explains = any(one.confidence >= BAR for one in alone)
    return Outcome(
        kind=OutcomeKind.RANKED if explains else OutcomeKind.INCONCLUSIVE,
        hypotheses=hypotheses,
        lead=None if explains else next(iter(causes), None),
        ruled_out=ruled_out,
    )


def _rank(entry: _Weighed) -> tuple[float, str, str]:
    """Best first; equals in the order of their names, so that the order of arrival does not show."""
    return (-entry.score, entry.candidate.component, entry.candidate.cause_code)


def _weigh(view: View, candidate: Candidate, judgement: Judgement | None) -> _Weighed:
    aspects = NULL_ASPECTS if candidate.cause_code is CauseCode.NONE else CAUSE_ASPECTS
    factors: list[Factor] = []
    for aspect in aspects:
        found = aspect.judge(view, candidate)
        factors.append(_factor(aspect.name, aspect.weight, found.value, found.evidence, found.why))
    factors += _contradiction(candidate, fsum(factor.contribution for factor in factors))
    factors += _cap(is_decisive(view, candidate), fsum(factor.contribution for factor in factors))
    factors += judgement_factors(judgement, fsum(factor.contribution for factor in factors))
    return _Weighed(candidate, tuple(factors), judgement)


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
    over = max(sum_so_far - cap, 0.0)
    if decisive and not over:
        return ()
    reason = "Alerts alone never prove a cause" if decisive else "No evidence is decisive"
    why = f"{reason}, so the score ends at {cap:.2f}."
    return (_factor(_CAP, -1.0 if over else 0.0, over, (), why),)


def _ceiling(factors: Sequence[Factor]) -> float:
    """Where the confidence of a hypothesis that stands alone ends: at its cap, unless people lifted it."""
    capped = next((place for place, one in enumerate(factors, 1) if one.name == _CAP), 0)
    if any(one.contribution > 0 for one in factors[capped:] if one.name in {CHECK, VERDICT}):
        return inf
    return CAP_UNDECIDED if capped and _sum(factors[:capped]) <= CAP_UNDECIDED else CAP_DECIDED


def _kept(weighed: Sequence[_Weighed]) -> list[_Weighed]:
    """The best `MIN_KEPT` to `MAX_KEPT`, the null candidate always among them; and beside them, what was rejected."""
    live = [entry for entry in weighed if not entry.is_rejected]
    worthy = [
        entry
        for place, entry in enumerate(live[:MAX_KEPT])
        if place < MIN_KEPT or entry.score >= KEPT_SHARE * live[0].score
    ]
    missed_null = [entry for entry in live if entry.is_null and entry not in worthy]
    rejected = [entry for entry in weighed if entry.is_rejected]
    return [*worthy[: MAX_KEPT - len(missed_null)], *missed_null, *rejected[:MAX_KEPT]]


def _alone(entry: _Weighed) -> Hypothesis:
    """A candidate as a hypothesis that has no rivals yet, and no rank."""
    candidate = entry.candidate
    return Hypothesis(
        rank=0,
        component=candidate.component,
        cause_code=candidate.cause_code,
        change_id=candidate.change_id,
        claim=candidate.claim,
        description=CAUSES[candidate.cause_code].description,
        confidence=_sum(entry.factors),
        factors=entry.factors,
        evidence_for=candidate.evidence_for,
        evidence_against=candidate.evidence_against,
        check=check_for(candidate.cause_code, candidate.component),
        source=candidate.source,
    )


def _competing(alone: Sequence[Hypothesis]) -> tuple[Hypothesis, ...]:
    """Rank hypotheses that come best first, by their scores alone."""
    odds = [one.confidence / (1 - one.confidence) for one in alone]
    everything = 1 + fsum(odds)
    live = sum(odd > 0 for odd in odds)
    placed = [_placed(one, odd / everything, rivals=live - (odd > 0)) for one, odd in zip(alone, odds, strict=True)]
    # Stable: what is equally sure stays in the order of the scores.
    ranked = sorted(placed, key=lambda one: -one.confidence)
    return tuple(replace(one, rank=rank) for rank, one in enumerate(ranked, 1))


def _placed(one: Hypothesis, share: float, *, rivals: int) -> Hypothesis:
    worth = calibrated(share)
    confidence = min(worth, _ceiling(one.factors))
    taken = _factor(_RIVALS, -1.0, one.confidence - share, (), f"Other explanations compete with it: {rivals}.")
    why = f"In known cases, such a share was right {worth:.0%} of the time"
    capped = f", but the cap is {confidence:.0%}" if confidence < worth else ""
    gap = confidence - share
    calibration = _factor(_CALIBRATION, copysign(1.0, gap), abs(gap), (), f"{why}{capped}.")
    return replace(one, confidence=confidence, factors=(*one.factors, taken, calibration))


def _ruled_out(entry: _Weighed) -> RuledOut:
    against = ", ".join(entry.candidate.evidence_against)
    reason = f"{against} speaks against it" if against else "Others explain the evidence better"
    return RuledOut(
        component=entry.candidate.component,
        cause_code=entry.candidate.cause_code,
        reason=f"{reason}; it scored {entry.score:.2f}.",
    )
