import time
from dataclasses import replace
from math import fsum, isclose
from random import Random
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.hypotheses.candidates import propose
from shared.hypotheses.evidence import collect
from shared.hypotheses.knowledge.calibration import calibrated
from shared.hypotheses.scoring import CAP_DECIDED, CAP_UNDECIDED, MAX_KEPT, MAX_RULED_OUT, MIN_KEPT, score
from shared.hypotheses.values import SEVERITY_WEIGHTS, Alert, Candidate, CauseCode, Hypothesis, OutcomeKind
from tests.shared.hypotheses.cases import alert, captured, case, explain

C = CauseCode


def ranking(*alerts: Alert) -> list[tuple[str, C]]:
    return [(one.component, one.cause_code) for one in explain(case(*alerts)).hypotheses]


@pytest.mark.parametrize(
    ("payload", "component", "cause"),
    [
        ("alertmanager-firing", "checkout", C.BAD_RELEASE),
        ("alertmanager-resolved", "checkout", C.NONE),
        ("alertmanager-grouped-20-prometheus-firing", "checkout", C.DISK_FULL),
        ("alertmanager-grouped-20-amtool", "cart", C.CRASH_LOOP),
        ("prometheus-native-v2.synthetic", "cart", C.MEMORY_EXHAUSTION),
        ("grafana-firing.synthetic", "checkout", C.DEPENDENCY_SLOW),
        ("grafana-nodata.synthetic", "DatasourceNoData", C.NONE),
    ],
)
def test_what_senders_really_send_is_explained(payload: str, component: str, cause: C) -> None:
    outcome = explain(captured(payload))
    assert outcome.kind is OutcomeKind.RANKED
    assert MIN_KEPT <= len(outcome.hypotheses) <= MAX_KEPT
    assert (outcome.hypotheses[0].component, outcome.hypotheses[0].cause_code) == (component, cause)
    assert C.NONE in {one.cause_code for one in outcome.hypotheses}


def test_a_symptom_is_explained_modestly_and_a_cause_firmly() -> None:
    symptom = explain(captured("alertmanager-firing")).hypotheses[0]
    cause = explain(captured("alertmanager-grouped-20-prometheus-firing")).hypotheses[0]
    assert symptom.confidence < 0.3
    assert cause.confidence > 0.5


def test_evidence_that_nobody_can_read_is_inconclusive_with_a_lead() -> None:
    outcome = explain(case(alert("Odd")))
    assert outcome.kind is OutcomeKind.INCONCLUSIVE
    assert outcome.lead is not None
    assert outcome.lead.cause_code is C.BAD_RELEASE
    assert outcome.lead in outcome.hypotheses


def test_no_evidence_is_inconclusive_without_a_lead() -> None:
    outcome = explain(case())
    assert (outcome.kind, outcome.hypotheses, outcome.lead) == (OutcomeKind.INCONCLUSIVE, (), None)


def test_a_watchdog_is_no_incident() -> None:
    best = explain(case(alert("Watchdog", severity="info"))).hypotheses[0]
    assert best.cause_code is C.NONE
    assert best.confidence > 0.9


def test_a_decisive_cause_outranks_recovery_and_a_symptom_does_not() -> None:
    assert ranking(alert("PodOOMKilled", severity="critical", resolved=True))[0] == ("checkout", C.MEMORY_EXHAUSTION)
    assert ranking(alert("HighErrorRate", severity="critical", resolved=True))[0] == ("checkout", C.NONE)


def test_alerts_that_agree_outweigh_one_that_does_not() -> None:
    alone = explain(case(alert("DiskFull"))).hypotheses[0]
    agreed = explain(case(alert("DiskFull"), alert("FilesystemFull"))).hypotheses[0]
    assert agreed.cause_code is alone.cause_code is C.DISK_FULL
    assert agreed.confidence > alone.confidence


def alone(one: Hypothesis) -> float:
    """What a hypothesis scored by itself, before its rivals and before calibration."""
    return fsum(factor.contribution for factor in one.factors if factor.name not in {"rivals", "calibration"})


def test_of_equal_causes_the_one_that_began_first_leads() -> None:
    first, *_ = ranking(alert("DiskFull", service="b"), alert("DiskFull", service="a", minute=10))
    assert first == ("b", C.DISK_FULL)


def test_contradicting_evidence_costs_confidence_and_shows_as_a_factor() -> None:
    alerts = (alert("PodRestarting"), alert("ImagePullBackOff"))
    of = case(*alerts)
    evidence = collect(of)
    disputed = next(one for one in propose(of, evidence) if one.cause_code is C.CRASH_LOOP)
    undisputed = replace(disputed, evidence_against=())
    before, after = (score(of, evidence, [one]).hypotheses[0] for one in (undisputed, disputed))
    (factor,) = (one for one in after.factors if one.name == "contradiction")
    assert factor.evidence == disputed.evidence_against
    assert alone(after) == pytest.approx(alone(before) * (1 - 0.8 / 2))
    assert after.confidence < before.confidence


def test_without_decisive_evidence_the_score_is_capped() -> None:
    kinds = ("CrashLoopBackOff", "KubePodCrashLooping", "PodCrashLoop", "CrashLoop")
    (best, *_) = explain(case(*(alert(kind, severity="critical", minute=i) for i, kind in enumerate(kinds)))).hypotheses
    (cap,) = (factor for factor in best.factors if factor.name == "cap")
    assert cap.contribution < 0
    assert alone(best) == pytest.approx(CAP_UNDECIDED)
    assert best.confidence <= CAP_UNDECIDED


def test_even_decisive_evidence_leaves_a_doubt() -> None:
    of = case(alert("Watchdog", severity="info"))
    evidence = collect(of)
    null = [one for one in propose(of, evidence) if one.cause_code is C.NONE]
    (only,) = score(of, evidence, null).hypotheses
    assert alone(only) == pytest.approx(CAP_DECIDED)
    assert only.confidence < 1


def looping(alerts: int) -> Hypothesis:
    """A crash loop without rivals, of which so many alerts tell and none decisively."""
    kinds = ("CrashLoopBackOff", "KubePodCrashLooping", "PodCrashLoop", "CrashLoop")[:alerts]
    of = case(*(alert(kind, severity="critical", minute=minute) for minute, kind in enumerate(kinds)))
    evidence = collect(of)
    (only,) = score(of, evidence, [one for one in propose(of, evidence) if one.cause_code is C.CRASH_LOOP]).hypotheses
    return only


@pytest.mark.parametrize("alerts", [1, 2, 4])
def test_what_is_not_decisive_is_shown_with_no_more_than_the_cap_whatever_its_share_was_worth(alerts: int) -> None:
    only = looping(alerts)
    share = fsum(factor.contribution for factor in only.factors if factor.name != "calibration")
    assert calibrated(share) > CAP_UNDECIDED
    assert only.confidence == CAP_UNDECIDED
    assert only.factors[-1].why.endswith(f" was right {calibrated(share):.0%} of the time, but the cap is 50%.")
    assert [factor.contribution <= 0 for factor in only.factors if factor.name == "cap"] == [True]


def test_what_is_not_kept_is_ruled_out_with_a_reason() -> None:
    vocabulary = ("HighErrorRate", "HighLatency", "DiskFull", "PodPending", "ImagePullBackOff", "PodRestarting")
    outcome = explain(case(*(alert(name) for name in vocabulary)))
    kept = {one.cause_code for one in outcome.hypotheses}
    out = {one.cause_code: one.reason for one in outcome.ruled_out}
    assert len(out) == MAX_RULED_OUT
    assert not kept & set(out)
    assert all("scored 0." in reason for reason in out.values())
    of = case(alert("DiskFull"), alert("ImagePullBackOff"), alert("PodRestarting"), alert("CertificateExpired"))
    reasons = {one.cause_code: one.reason for one in explain(of).ruled_out}
    assert "speaks against it" in reasons[C.CRASH_LOOP]


def test_the_null_hypothesis_takes_the_last_place_rather_than_none() -> None:
    vocabulary = ("DiskFull", "PodOOMKilled", "ImagePullBackOff", "CertificateExpired", "Deadlocks", "NodeNotReady")
    found = ranking(*(alert(name, severity="critical") for name in vocabulary))
    assert len(found) == MAX_KEPT
    assert found[-1] == ("checkout", C.NONE)


def test_a_candidate_from_elsewhere_is_scored_by_the_same_rules() -> None:
    of = case(alert("PodOOMKilled"))
    evidence = collect(of)
    foreign = Candidate(
        component="cart",
        cause_code=C.BAD_RELEASE,
        claim="2.4.1 leaks",
        evidence_for=("E1",),
        change_id="c1",
        source="x",
    )
    (only,) = score(of, evidence, [foreign]).hypotheses
    assert (only.claim, only.change_id) == ("2.4.1 leaks", "c1")
    assert only.confidence < 0.25


def test_a_storm_is_explained_within_a_fifth_of_a_second() -> None:
    names = (
        "HighErrorRate",
        "PodCrashLooping",
        "DiskFull",
        "HighLatency",
        "TargetDown",
        *(f"Odd{i}" for i in range(15)),
    )
    storm = case(
        *(
            alert(names[i % 20], service=f"s{i % 7}", minute=i % 50, summary=f"{i} ms. " + "The disk is slow. " * 20)
            for i in range(1000)
        )
    )
    started = time.process_time()
    assert explain(storm).kind is OutcomeKind.RANKED
    assert time.process_time() - started < 0.2


NAMES: Final = ("HighErrorRate", "DiskFull", "Watchdog", "Odd", "NodeNotReady", "ImagePullBackOff", "PodCrashLooping")
ALERTS: Final = st.lists(
    st.builds(
        alert,
        st.sampled_from(NAMES),
        service=st.sampled_from((None, "checkout", "cart", "kube-state-metrics")),
        severity=st.sampled_from(sorted(SEVERITY_WEIGHTS)),
        minute=st.integers(0, 60),
        resolved=st.booleans(),
        labels=st.fixed_dictionaries(
            {"pod": st.sampled_from(("cart-0", "web-7f9dd8b6c4-x7gr9"))},
            optional={"node": st.sampled_from(("", "node-1", "node-2"))},
        ),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda one: one.id,
)


@settings(deadline=None)
@given(ALERTS)
def test_a_ranking_keeps_its_laws(alerts: list[Alert]) -> None:
    of = case(*alerts)
    known = {item.id for item in collect(of)}
    outcome = explain(of)
    hypotheses = outcome.hypotheses
    assert MIN_KEPT <= len(hypotheses) <= MAX_KEPT
    assert [one.rank for one in hypotheses] == list(range(1, len(hypotheses) + 1))
    assert [one.confidence for one in hypotheses] == sorted((one.confidence for one in hypotheses), reverse=True)
    assert sum(one.cause_code is C.NONE for one in hypotheses) == 1
    assert (outcome.lead is None) is (outcome.kind is OutcomeKind.RANKED)
    for one in hypotheses:
        assert 0 <= one.confidence <= CAP_DECIDED
        if any("No evidence is decisive" in factor.why for factor in one.factors):
            assert one.confidence <= CAP_UNDECIDED
        assert {*one.evidence_for, *one.evidence_against} <= known
        assert isclose(fsum(factor.contribution for factor in one.factors), one.confidence, abs_tol=1e-12)
        for factor in one.factors:
            assert 0 <= factor.value <= 1
            assert factor.contribution == factor.weight * factor.value
            assert set(factor.evidence) <= known


@settings(deadline=None)
@given(ALERTS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(alerts: list[Alert], random: Random) -> None:
    shuffled = list(alerts)
    random.shuffle(shuffled)
    assert explain(case(*shuffled)) == explain(case(*alerts))
