"""What people say moves the ranking at once, without another analysis; and what of it is told."""

from collections.abc import Iterable
from dataclasses import replace
from math import fsum

import pytest

from shared.hypotheses.candidates import grounded, propose
from shared.hypotheses.evidence import collect
from shared.hypotheses.factors import CAUSE_ASPECTS
from shared.hypotheses.judging import CheckOutcome, Judgement, Verdict
from shared.hypotheses.knowledge.checks import check_for
from shared.hypotheses.scoring import CAP_UNDECIDED, MAX_KEPT, MAX_RULED_OUT, rescore, score
from shared.hypotheses.values import (
    Candidate,
    CauseCode,
    Evidence,
    EvidenceKind,
    Factor,
    Hypothesis,
    Outcome,
    OutcomeKind,
)
from tests.shared.hypotheses.cases import START, alert, case

C = CauseCode
CASE = case(alert("DiskFull"), alert("ImagePullBackOff"), alert("PodRestarting"), alert("CertificateExpired"))
EVIDENCE = collect(CASE)
CANDIDATES = grounded(propose(CASE, EVIDENCE), EVIDENCE)


def scored(*said: Judgement) -> Outcome:
    return score(CASE, EVIDENCE, CANDIDATES, said)


def judged(code: C, *, check: CheckOutcome | None = None, verdict: Verdict | None = None) -> Judgement:
    return Judgement(component="checkout", cause_code=code, check=check, verdict=verdict)


def ranked(outcome: Outcome) -> list[C]:
    return [one.cause_code for one in outcome.hypotheses]


def of(outcome: Outcome, code: C) -> Hypothesis:
    return next(one for one in outcome.hypotheses if one.cause_code is code)


def names(one: Hypothesis) -> list[str]:
    return [factor.name for factor in one.factors]


def told(outcome: Outcome) -> list[tuple[C, float, list[tuple[str, float, str]]]]:
    """What people read of a ranking, without the last digits."""
    return [
        (
            one.cause_code,
            round(one.confidence, 9),
            [(each.name, round(each.value, 9), each.why) for each in one.factors],
        )
        for one in outcome.hypotheses
    ]


def rivals_of(one: Hypothesis) -> str:
    return next(factor.why for factor in one.factors if factor.name == "rivals")


LEAD, SECOND, *_ = ranked(scored())


def test_while_nobody_says_anything_nothing_moves() -> None:
    assert rescore(scored(), []) == scored()


@pytest.mark.parametrize(
    "said",
    [
        judged(LEAD, check=CheckOutcome.REFUTES),
        judged(LEAD, check=CheckOutcome.UNCLEAR),
        judged(SECOND, check=CheckOutcome.SUPPORTS),
        judged(SECOND, verdict=Verdict.CONFIRMED),
        judged(SECOND, check=CheckOutcome.REFUTES, verdict=Verdict.CONFIRMED),
    ],
)
def test_what_is_said_later_counts_as_if_it_had_been_known_from_the_first(said: Judgement) -> None:
    kept = {(one.component, one.cause_code) for one in scored().hypotheses[:3]}
    few = [one for one in CANDIDATES if (one.component, one.cause_code) in kept]
    later = rescore(score(CASE, EVIDENCE, few), [said])
    assert told(later) == told(score(CASE, EVIDENCE, few, [said]))


def test_only_what_people_say_now_counts() -> None:
    refuted = rescore(scored(), [judged(LEAD, check=CheckOutcome.REFUTES), judged(SECOND, verdict=Verdict.CONFIRMED)])
    assert ranked(refuted)[0] is SECOND
    assert of(refuted, SECOND).confidence > 0.9
    assert rescore(refuted, []) == scored()
    assert refuted.ruled_out == scored().ruled_out


@pytest.mark.parametrize(
    ("said", "is_lifted"),
    [
        (judged(C.CRASH_LOOP, check=CheckOutcome.UNCLEAR), False),
        (judged(C.CRASH_LOOP, check=CheckOutcome.SUPPORTS), True),
        (judged(C.CRASH_LOOP, verdict=Verdict.CONFIRMED), True),
    ],
)
def test_only_what_people_found_lifts_the_cap_of_what_is_not_decisive(*, said: Judgement, is_lifted: bool) -> None:
    of_one = case(alert("CrashLoopBackOff", severity="critical"), alert("PodCrashLoop", severity="critical", minute=1))
    evidence = collect(of_one)
    looping = [one for one in propose(of_one, evidence) if one.cause_code is C.CRASH_LOOP]
    capped = score(of_one, evidence, looping)
    assert of(capped, C.CRASH_LOOP).confidence == CAP_UNDECIDED
    assert (of(rescore(capped, [said]), C.CRASH_LOOP).confidence > CAP_UNDECIDED) is is_lifted
    assert rescore(rescore(capped, [said]), []) == capped


def test_what_is_decisive_comes_before_what_is_capped_for_want_of_it() -> None:
    """Of nearly equal scores the decisive one is the surer, and each confidence is still the sum of its factors."""
    outcome = scored()
    decisive = of(outcome, LEAD)
    near = fsum(factor.contribution for factor in decisive.factors if factor.name not in {"rivals", "calibration"})
    others = [factor for factor in decisive.factors if factor.name not in {"rivals", "calibration"}]
    capped = replace(
        decisive,
        cause_code=C.CLOCK_SKEW,
        factors=(
            *others,
            Factor(name="x", weight=1.0, value=0.01, contribution=CAP_UNDECIDED - near + 0.01, evidence=(), why="x"),
            Factor(name="cap", weight=-1.0, value=0.01, contribution=-0.01, evidence=(), why="x"),
        ),
    )
    near_it = replace(
        decisive,
        factors=(
            *others,
            Factor(name="x", weight=1.0, value=0.49, contribution=0.49 - near, evidence=(), why="x"),
        ),
    )
    ranked_anew = rescore(replace(outcome, hypotheses=(capped, near_it)), [])
    assert ranked(ranked_anew) == [LEAD, C.CLOCK_SKEW]
    assert [one.rank for one in ranked_anew.hypotheses] == [1, 2]
    assert [one.confidence for one in ranked_anew.hypotheses][1] == CAP_UNDECIDED
    for one in ranked_anew.hypotheses:
        assert fsum(factor.contribution for factor in one.factors) == pytest.approx(one.confidence)


def test_a_judgement_of_another_component_is_of_another_cause() -> None:
    elsewhere = Judgement(component="cart", cause_code=LEAD, verdict=Verdict.REJECTED)
    assert rescore(scored(), [elsewhere]) == scored()


def test_a_rejected_cause_is_kept_beside_the_others_with_nothing_left() -> None:
    outcome = scored(judged(LEAD, verdict=Verdict.REJECTED))
    rejected = of(outcome, LEAD)
    assert (rejected.confidence, rejected.rank) == (0, len(outcome.hypotheses))
    assert LEAD not in ranked(outcome)[: len(outcome.hypotheses) - 1]
    assert ranked(rescore(scored(), [judged(LEAD, verdict=Verdict.REJECTED)]))[-1] is LEAD


def test_when_all_is_rejected_no_cause_is_left_to_lead() -> None:
    outcome = rescore(scored(), [judged(code, verdict=Verdict.REJECTED) for code in ranked(scored())])
    assert (outcome.kind, outcome.lead) == (OutcomeKind.INCONCLUSIVE, None)
    assert {one.confidence for one in outcome.hypotheses} == {0}
    assert {rivals_of(one) for one in outcome.hypotheses} == {"Other explanations compete with it: 0."}


def test_what_is_rejected_competes_with_nothing_and_all_that_is_left_with_it() -> None:
    *left, last = rescore(scored(), [judged(LEAD, verdict=Verdict.REJECTED)]).hypotheses
    assert {rivals_of(one) for one in left} == {f"Other explanations compete with it: {len(left) - 1}."}
    assert rivals_of(last) == f"Other explanations compete with it: {len(left)}."


def test_each_step_of_the_formula_is_a_factor_in_its_order() -> None:
    outcome = scored(judged(SECOND, check=CheckOutcome.SUPPORTS, verdict=Verdict.CONFIRMED))
    confirmed = of(outcome, SECOND)
    assert names(confirmed)[:9] == [aspect.name for aspect in CAUSE_ASPECTS]
    assert all(factor.why for factor in confirmed.factors)
    assert names(confirmed)[9:] == ["check", "verdict", "rivals", "calibration"]
    *_, rivals, calibration = confirmed.factors
    others = len(outcome.hypotheses) - 1
    assert (rivals.weight, rivals.evidence, rivals.why) == (
        -1.0,
        (),
        f"Other explanations compete with it: {others}.",
    )
    assert calibration.evidence == ()
    assert calibration.why == f"In known cases, such a share was right {confirmed.confidence:.0%} of the time."
    assert abs(calibration.weight) == 1


def given(*codes: str, against: Iterable[str] = ()) -> Outcome:
    """An outcome of made-up candidates that all cite the same alert."""
    of_one = case(alert("DiskFull"))
    return score(
        of_one,
        collect(of_one),
        [
            Candidate(
                component="checkout",
                cause_code=C(code),
                claim=f"{code} it is",
                evidence_for=("E1",),
                evidence_against=tuple(against),
                source="model",
            )
            for code in codes
        ],
    )


def test_what_is_hardly_half_as_good_as_the_best_is_kept_up_to_three_alone() -> None:
    few = given("disk_full", "tls_certificate", "clock_skew", "deadlock", "none")
    assert ranked(few)[0] is C.DISK_FULL
    assert len(few.hypotheses) == 3
    assert C.NONE in ranked(few)
    assert all(out.reason.startswith("Others explain the evidence better; it scored 0.") for out in few.ruled_out)


def test_a_candidate_without_rivals_keeps_what_it_scored() -> None:
    (only,) = given("disk_full").hypotheses
    rivals = next(factor for factor in only.factors if factor.name == "rivals")
    assert rivals.contribution == pytest.approx(0)


def test_equals_come_in_the_order_of_their_names() -> None:
    one, other = (given(*codes) for codes in (("data_corruption", "clock_skew"), ("clock_skew", "data_corruption")))
    assert one == other
    assert ranked(one) == [C.CLOCK_SKEW, C.DATA_CORRUPTION]


def test_of_equals_five_are_kept_and_the_null_candidate_takes_the_place_of_the_fifth() -> None:
    equals = ("disk_io", "feature_flag", "dns_failure", "bad_probe", "quota_exceeded", "rollout_stuck")
    assert ranked(given(*equals)) == [C.BAD_PROBE, C.DISK_IO, C.DNS_FAILURE, C.FEATURE_FLAG, C.QUOTA_EXCEEDED]
    assert {*ranked(given(*equals, "none"))} == {C.BAD_PROBE, C.DISK_IO, C.DNS_FAILURE, C.FEATURE_FLAG, C.NONE}


def test_at_most_five_are_kept_and_ten_ruled_out() -> None:
    codes = [code.value for code in C if code is not C.NONE]
    found = given(*codes, "none")
    assert len(found.hypotheses) <= MAX_KEPT == 5
    assert len(found.ruled_out) == MAX_RULED_OUT == 10


def test_a_hypothesis_carries_all_that_its_candidate_says() -> None:
    (other,) = given("cpu_saturation").hypotheses
    assert other.check == check_for(C.CPU_SATURATION, "checkout")
    (only,) = given("disk_full", against=("E1",)).hypotheses
    assert (only.component, only.claim, only.source, only.change_id) == ("checkout", "disk_full it is", "model", None)
    assert (only.evidence_for, only.evidence_against) == (("E1",), ("E1",))
    assert only.description
    contradiction = next(one for one in only.factors if one.name == "contradiction")
    assert (contradiction.value, contradiction.evidence) == (0.5, ("E1",))
    assert contradiction.why == "Evidence against it takes away up to 80% of what speaks for it."


def test_what_speaks_against_a_cause_is_why_it_was_ruled_out() -> None:
    disputed = Candidate(
        component="checkout", cause_code=C.DEADLOCK, claim="", evidence_for=("E1",), evidence_against=("E2", "E3")
    )
    (out,) = (one for one in score(CASE, EVIDENCE, [*CANDIDATES, disputed]).ruled_out if one.cause_code is C.DEADLOCK)
    assert (out.component, out.reason[:29]) == ("checkout", "E2, E3 speaks against it; it ")
    reasons = {one.cause_code: one.reason for one in scored().ruled_out}
    assert reasons[C.CRASH_LOOP].startswith("E3 speaks against it; it scored 0.")


@pytest.mark.parametrize(
    ("decisive", "why"),
    [
        (False, "No evidence is decisive, so the score ends at 0.50."),
        (True, "Alerts alone never prove a cause, so the score ends at 0.95."),
    ],
)
def test_a_cap_says_why(*, decisive: bool, why: str) -> None:
    kinds = ("CrashLoopBackOff", "KubePodCrashLooping", "PodCrashLoop", "CrashLoop")
    capped = (
        case(alert("Watchdog", severity="info"))
        if decisive
        else case(*(alert(kind, severity="critical", minute=i) for i, kind in enumerate(kinds)))
    )
    evidence = collect(capped)
    wanted = C.NONE if decisive else C.CRASH_LOOP
    candidates = [one for one in propose(capped, evidence) if one.cause_code is wanted]
    (only,) = score(capped, evidence, candidates).hypotheses
    cap = next(one for one in only.factors if one.name == "cap")
    assert (cap.weight, cap.evidence, cap.why) == (-1.0, (), why)


def test_evidence_that_nobody_cites_is_no_reason_for_anything() -> None:
    note = Evidence(
        id="E9", kind=EvidenceKind.NOTE, component="checkout", at=START, text="Somebody looked.", numbers={}
    )
    assert ranked(score(CASE, [*EVIDENCE, note], CANDIDATES)) == ranked(scored())
