"""What a check and a verdict are worth: in words and in numbers."""

from dataclasses import replace

import pytest

from shared.hypotheses.judging import CheckOutcome, Judgement, Verdict, by_cause, judgement_factors
from shared.hypotheses.values import CauseCode, Factor

HALF = 0.5


def judgement(check: CheckOutcome | None = None, verdict: Verdict | None = None) -> Judgement:
    return Judgement(component="checkout", cause_code=CauseCode.DISK_FULL, check=check, verdict=verdict)


def factor(name: str, weight: float, value: float, why: str) -> Factor:
    contribution = round(weight * value, 9)
    return Factor(name=name, weight=weight, value=value, contribution=contribution, evidence=(), why=why)


HELD = "Somebody made the check that could have refuted it, and it was not refuted."
FELL = "Somebody made the check, and it was refuted."
OPEN = "Somebody made the check, and it told nothing."
RIGHT = "It was confirmed as the root cause."
WRONG = "It was rejected as the root cause."


@pytest.mark.parametrize(
    ("score", "said", "factors"),
    [
        (HALF, None, []),
        (HALF, Judgement(component="checkout", cause_code=CauseCode.DISK_FULL), []),
        (HALF, judgement(CheckOutcome.SUPPORTS), [factor("check", 0.8, 0.45, HELD)]),
        (0.99, judgement(CheckOutcome.SUPPORTS), [factor("check", 0.8, 0.0, HELD)]),
        (HALF, judgement(CheckOutcome.REFUTES), [factor("check", -0.9, 0.5, FELL)]),
        (HALF, judgement(CheckOutcome.UNCLEAR), [factor("check", 0.0, 0.0, OPEN)]),
        (HALF, judgement(verdict=Verdict.CONFIRMED), [factor("verdict", 1.0, 0.49, RIGHT)]),
        (HALF, judgement(verdict=Verdict.REJECTED), [factor("verdict", -1.0, 0.5, WRONG)]),
        (
            HALF,
            judgement(CheckOutcome.REFUTES, Verdict.CONFIRMED),
            [factor("check", -0.9, 0.5, FELL), factor("verdict", 1.0, 0.94, RIGHT)],
        ),
    ],
)
def test_people_move_a_score_and_their_verdict_has_the_last_word(
    score: float, said: Judgement | None, factors: list[Factor]
) -> None:
    found = judgement_factors(said, score)
    rounded = [replace(one, value=round(one.value, 9), contribution=round(one.contribution, 9)) for one in found]
    assert rounded == factors


def test_judgements_are_found_by_component_and_cause() -> None:
    said = judgement(CheckOutcome.UNCLEAR)
    assert by_cause([said]) == {("checkout", CauseCode.DISK_FULL): said}


def test_outcomes_and_verdicts_are_stored_and_sent_under_these_names() -> None:
    assert [one.value for one in CheckOutcome] == ["supports", "refutes", "unclear"]
    assert [one.value for one in Verdict] == ["confirmed", "rejected"]
