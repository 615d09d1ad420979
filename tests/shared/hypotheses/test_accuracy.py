"""What verdicts say of the hypotheses: counted so that nobody looks better than they are."""

from itertools import count
from uuid import UUID

import pytest

from shared.hypotheses import accuracy
from shared.hypotheses.accuracy import Bucket, Decided, Judged, Proposal, Ranking
from shared.hypotheses.judging import Verdict

PROPOSED = tuple(
    Proposal(component="checkout", cause_code=code, confidence=confidence, source=source)
    for code, confidence, source in (
        ("disk_full", 0.75, "rules"),
        ("slow_query", 0.15, "rules and model"),
        ("bad_release", 0.08, "model"),
        ("none", 0.02, "rules"),
    )
)
NUMBERS = count(1)


def decided(verdict: Verdict, rank: int, incident: int) -> Decided:
    return Decided(
        incident_id=UUID(int=incident), verdict=verdict, rank=rank, proposal=PROPOSED[rank - 1], ranking=PROPOSED
    )


def incident(*, confirmed: int | None = None, rejected: tuple[int, ...] = ()) -> list[Decided]:
    """Verdicts on an incident of its own, by the ranks that they are about."""
    number = next(NUMBERS)
    made = [decided(Verdict.REJECTED, rank, number) for rank in rejected]
    return made if confirmed is None else [*made, decided(Verdict.CONFIRMED, confirmed, number)]


def judged(*verdicts: list[Decided]) -> list[Judged]:
    return accuracy.judged_incidents(one for some in verdicts for one in some)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (incident(confirmed=1), Ranking(incidents=1, first=1, among_three=1)),
        (incident(confirmed=3), Ranking(incidents=1, first=0, among_three=1)),
        (incident(confirmed=4), Ranking(incidents=1, first=0, among_three=0)),
        (incident(rejected=(1,)), Ranking(incidents=1, first=0, among_three=0)),
        (incident(confirmed=2, rejected=(1,)), Ranking(incidents=1, first=0, among_three=1)),
        (incident(rejected=(2,)), Ranking(incidents=0, first=0, among_three=0)),
    ],
    ids=["first", "third", "fourth", "rejected lead", "rejected lead, then confirmed", "rejected rival alone"],
)
def test_an_incident_counts_once_its_cause_is_confirmed_or_its_lead_rejected(
    verdicts: list[Decided], expected: Ranking
) -> None:
    assert accuracy.ranking(judged(verdicts)) == expected


def test_a_lead_that_was_rejected_stays_wrong_when_a_later_run_was_led_by_the_cause() -> None:
    number = next(NUMBERS)
    led = decided(Verdict.REJECTED, 2, number)
    wrong = Decided(incident_id=led.incident_id, verdict=led.verdict, rank=1, proposal=led.proposal, ranking=PROPOSED)
    found = accuracy.ranking(judged([wrong, decided(Verdict.CONFIRMED, 1, number)]))
    assert (found.first, found.among_three) == (0, 1)


def test_causes_are_counted_by_what_was_confirmed_and_generators_by_what_led() -> None:
    found = judged(incident(confirmed=1), incident(confirmed=2), incident(confirmed=2), incident(rejected=(1,)))
    assert list(accuracy.by_cause(found).items()) == [
        ("slow_query", Ranking(incidents=2, first=0, among_three=2)),
        ("disk_full", Ranking(incidents=1, first=1, among_three=1)),
    ]
    assert accuracy.by_generator(found) == {"rules": Ranking(incidents=4, first=1, among_three=3)}


def test_what_led_is_what_was_judged_as_that_else_what_the_ranking_began_with() -> None:
    for verdicts, place in (
        (incident(confirmed=1), 0),
        (incident(confirmed=3), 0),
        (incident(rejected=(1, 2)), 0),
        (incident(confirmed=2, rejected=(3,)), 0),
    ):
        (one,) = judged(verdicts)
        assert one.lead == PROPOSED[place]


def test_what_was_judged_as_the_lead_led_whatever_a_later_run_began_with() -> None:
    number = next(NUMBERS)
    verdict = Decided(
        incident_id=UUID(int=number), verdict=Verdict.REJECTED, rank=1, proposal=PROPOSED[2], ranking=PROPOSED
    )
    (one,) = judged([verdict])
    assert one.lead == PROPOSED[2]
    (alone,) = judged(
        [Decided(incident_id=UUID(int=number), verdict=Verdict.CONFIRMED, rank=2, proposal=PROPOSED[1], ranking=())]
    )
    assert alone.lead == PROPOSED[1]


def test_equally_frequent_causes_come_in_the_order_of_their_names() -> None:
    found = judged(incident(confirmed=2), incident(confirmed=1), incident(confirmed=3))
    assert list(accuracy.by_cause(found)) == ["bad_release", "disk_full", "slow_query"]


def test_a_lead_that_is_confirmed_beside_a_rejected_second_is_right() -> None:
    assert accuracy.ranking(judged(incident(confirmed=1, rejected=(2,)))).first == 1


def test_confidences_are_not_compared_before_there_are_enough() -> None:
    few = judged(*(incident(confirmed=1) for _ in range(accuracy.ENOUGH - 1)))
    assert accuracy.reliability(few) is None
    assert accuracy.reliability([*few, *judged(incident(rejected=(1,)))]) is not None


def test_beside_a_confirmed_cause_all_else_was_wrong_and_of_a_rejected_one_only_itself_is_known() -> None:
    found = judged(*(incident(confirmed=1) for _ in range(15)), *(incident(rejected=(1,)) for _ in range(5)))
    assert accuracy.reliability(found) == (
        Bucket(at_least=0.0, below=0.1, hypotheses=30, right=0),
        Bucket(at_least=0.1, below=0.2, hypotheses=15, right=0),
        Bucket(at_least=0.7, below=0.8, hypotheses=20, right=15),
    )


def test_what_was_wholly_certain_is_in_the_last_tenth() -> None:
    sure = Proposal(component="db", cause_code="disk_full", confidence=1.0, source="rules")
    verdicts = [
        Decided(incident_id=UUID(int=next(NUMBERS)), verdict=Verdict.CONFIRMED, rank=1, proposal=sure, ranking=(sure,))
        for _ in range(accuracy.ENOUGH)
    ]
    assert accuracy.reliability(judged(verdicts)) == (Bucket(at_least=0.9, below=1.0, hypotheses=20, right=20),)
