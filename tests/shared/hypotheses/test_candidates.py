import pytest

from shared.hypotheses.candidates import USUAL_SUSPECTS, grounded, propose
from shared.hypotheses.evidence import collect
from shared.hypotheses.values import Alert, Candidate, CauseCode
from tests.shared.hypotheses.cases import alert, case


def proposed(*alerts: Alert, service: str | None = "checkout") -> dict[tuple[str, CauseCode], Candidate]:
    of = case(*alerts, service=service)
    return {(one.component, one.cause_code): one for one in propose(of, collect(of))}


def test_a_wording_proposes_the_causes_it_points_at() -> None:
    found = proposed(alert("PodOOMKilled"))
    assert set(found) == {
        ("checkout", CauseCode.MEMORY_EXHAUSTION),
        ("checkout", CauseCode.BAD_RESOURCE_LIMITS),
        ("checkout", CauseCode.NONE),
    }
    memory = found["checkout", CauseCode.MEMORY_EXHAUSTION]
    assert memory.claim == "checkout runs out of memory"
    assert memory.evidence_for == ("E1",)
    assert memory.source == "rules"


def test_evidence_for_the_same_component_and_cause_is_merged() -> None:
    found = proposed(alert("PodOOMKilled"), alert("HighMemoryUsage", minute=1))
    assert found["checkout", CauseCode.MEMORY_EXHAUSTION].evidence_for == ("E1", "E2")


def test_a_cause_sits_where_its_labels_say() -> None:
    found = proposed(alert("KubeNodeNotReady", labels={"node": "node-7"}))
    assert ("node-7", CauseCode.NODE_FAILURE) in found
    assert ("checkout", CauseCode.NETWORK_PARTITION) in found


def test_evidence_of_the_same_component_may_contradict() -> None:
    found = proposed(alert("ImagePullBackOff"), alert("PodRestarting", minute=1), alert("Odd", minute=2))
    assert found["checkout", CauseCode.CRASH_LOOP].evidence_against == ("E1",)
    elsewhere = proposed(alert("ImagePullBackOff", service="cart"), alert("PodRestarting", minute=1))
    assert elsewhere["checkout", CauseCode.CRASH_LOOP].evidence_against == ()


def test_where_the_vocabulary_says_little_the_usual_suspects_compete() -> None:
    found = proposed(alert("Odd"), alert("Odder", service="cart", minute=1))
    assert {code for component, code in found if component == "checkout"} == {*USUAL_SUSPECTS, CauseCode.NONE}
    assert found["checkout", CauseCode.BAD_RELEASE].evidence_for == ("E1",)


def test_a_lone_suspect_is_joined_by_the_usual_ones() -> None:
    found = proposed(alert("FeatureFlagChanged", summary="feature flag enabled"))
    assert {code for _, code in found} == {CauseCode.FEATURE_FLAG, *USUAL_SUSPECTS, CauseCode.NONE}


def test_what_is_over_or_harmless_speaks_for_the_null_candidate_and_the_rest_against_it() -> None:
    found = proposed(alert("HighErrorRate", resolved=True), alert("Watchdog", minute=1), alert("DiskFull", minute=2))
    null = found["checkout", CauseCode.NONE]
    assert (null.evidence_for, null.evidence_against) == (("E1", "E2"), ("E3",))


@pytest.mark.parametrize(
    ("services", "filed_under", "component"),
    [
        (("cart",), "checkout", "cart"),
        (("cart", "checkout"), "checkout", "checkout"),
        (("cart", "checkout"), "kube-state-metrics", "Checkout is in trouble"),
    ],
)
def test_the_null_candidate_is_about_what_the_evidence_has_in_common(
    services: tuple[str, ...], filed_under: str, component: str
) -> None:
    found = proposed(*(alert("DiskFull", service=service) for service in services), service=filed_under)
    assert (component, CauseCode.NONE) in found


def candidate(code: CauseCode, *, supporting: tuple[str, ...] = (), opposing: tuple[str, ...] = ()) -> Candidate:
    return Candidate(
        component="cart", cause_code=code, claim="It broke", evidence_for=supporting, evidence_against=opposing
    )


@pytest.mark.parametrize(
    ("one", "stays"),
    [
        (candidate(CauseCode.DISK_FULL, supporting=("E1",)), True),
        (candidate(CauseCode.DISK_FULL, supporting=("E1", "E2")), True),
        (candidate(CauseCode.DISK_FULL), False),
        (candidate(CauseCode.DISK_FULL, opposing=("E1",)), False),
        (candidate(CauseCode.DISK_FULL, supporting=("E1", "E9")), False),
        (candidate(CauseCode.DISK_FULL, supporting=("E1",), opposing=("E9",)), False),
        (candidate(CauseCode.NONE, supporting=("E1",)), True),
        (candidate(CauseCode.NONE, opposing=("E1",)), True),
        (candidate(CauseCode.NONE), False),
    ],
)
def test_a_candidate_cites_what_was_observed_or_is_dropped(one: Candidate, *, stays: bool) -> None:
    evidence = collect(case(alert("A"), alert("B", minute=1)))
    assert bool(grounded([one], evidence)) is stays
