"""What people found out about a cause, and what that is worth as terms of its score."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.hypotheses.values import CauseCode, Factor

SUPPORTED: Final = 0.95
"""The score that a check which could have refuted a cause, and did not, moves it towards."""

SUPPORT: Final = 0.8
"""How far of that way: one look is not all."""

REFUTATION: Final = 0.9
"""What a check that refutes a cause takes away of all that speaks for it: people misread, too."""

CONFIRMED: Final = 0.99
"""The score of a confirmed cause: above what evidence alone can reach, because people have the last word."""

CHECK: Final = "check"
VERDICT: Final = "verdict"

type CauseKey = tuple[str, CauseCode]


class CheckOutcome(StrEnum):
    """What the check of a hypothesis has shown."""

    SUPPORTS = "supports"
    REFUTES = "refutes"
    UNCLEAR = "unclear"


class Verdict(StrEnum):
    """What people have decided about a cause."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What people said of one cause of one component: of an incident, whichever run proposed it."""

    component: str
    cause_code: CauseCode
    check: CheckOutcome | None = None
    verdict: Verdict | None = None

    @property
    def key(self) -> CauseKey:
        """What it is about."""
        return self.component, self.cause_code


def by_cause(judgements: Iterable[Judgement]) -> Mapping[CauseKey, Judgement]:
    """The judgements by what they are about."""
    return {one.key: one for one in judgements}


def judgement_factors(judgement: Judgement | None, score: float) -> tuple[Factor, ...]:
    """What people found changes a score of 0-1 by: first the check, and last their verdict."""
    if judgement is None:
        return ()
    checked = _checked(judgement.check, score)
    decided = _decided(judgement.verdict, score + sum(factor.contribution for factor in checked))
    return (*checked, *decided)


def _checked(outcome: CheckOutcome | None, score: float) -> tuple[Factor, ...]:
    match outcome:
        case None:
            return ()
        case CheckOutcome.SUPPORTS:
            why = "Somebody made the check that could have refuted it, and it was not refuted."
            return (_factor(CHECK, SUPPORT, max(SUPPORTED - score, 0.0), why),)
        case CheckOutcome.REFUTES:
            return (_factor(CHECK, -REFUTATION, score, "Somebody made the check, and it was refuted."),)
        case CheckOutcome.UNCLEAR:
            return (_factor(CHECK, 0.0, 0.0, "Somebody made the check, and it told nothing."),)


def _decided(verdict: Verdict | None, score: float) -> tuple[Factor, ...]:
    match verdict:
        case None:
            return ()
        case Verdict.CONFIRMED:
            return (_factor(VERDICT, 1.0, CONFIRMED - score, "It was confirmed as the root cause."),)
        case Verdict.REJECTED:
            return (_factor(VERDICT, -1.0, score, "It was rejected as the root cause."),)


def _factor(name: str, weight: float, value: float, why: str) -> Factor:
    return Factor(name=name, weight=weight, value=value, contribution=weight * value, evidence=(), why=why)
