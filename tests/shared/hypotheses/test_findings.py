"""What a model found once is found again in other evidence, under other ids, or not cited any more."""

import json
from dataclasses import asdict, replace

from shared.hypotheses.findings import Finding, found, recalled
from shared.hypotheses.values import Candidate, CauseCode, Evidence, EvidenceKind
from tests.shared.hypotheses.cases import START

ALERT = Evidence(
    id="E1", kind=EvidenceKind.ALERT, component="checkout", at=START, text="2 alerts", numbers={}, alert_ids=("a", "b")
)
LOG = Evidence(id="E2", kind=EvidenceKind.LOG, component="db", at=START, text="17 times: too many clients", numbers={})
CHANGE = Evidence(
    id="E3", kind=EvidenceKind.CHANGE, component="db", at=START, text="5 min before", numbers={}, change_id="c1"
)
NOTE = replace(LOG, id="E4", kind=EvidenceKind.NOTE, text="nothing of note")
THEN = (ALERT, LOG, CHANGE, NOTE)
PROPOSED = Candidate(
    component="db",
    cause_code=CauseCode.CONNECTION_POOL_EXHAUSTED,
    claim="The database has no connections left.",
    evidence_for=("E1", "E2", "E3"),
    evidence_against=("E4",),
    change_id="c1",
    source="model",
)


def kept(*candidates: Candidate) -> list[Finding]:
    """Candidates after their way through the database."""
    stored = json.loads(json.dumps([asdict(one) for one in found(candidates, THEN)]))
    return [Finding.of(one) for one in stored]


def test_evidence_is_known_by_its_alerts_its_change_or_its_wording_whatever_the_numbers() -> None:
    now = (
        replace(NOTE, id="E1"),
        replace(CHANGE, id="E2", text="6 min before"),
        replace(LOG, id="E3", text="450 times: too many clients"),
        replace(ALERT, id="E4", text="30 alerts", alert_ids=("0", "b", "c")),
    )
    assert recalled(kept(PROPOSED), now) == (
        replace(PROPOSED, evidence_for=("E4", "E3", "E2"), evidence_against=("E1",)),
    )


def test_what_is_gone_is_not_cited() -> None:
    (one,) = recalled(kept(PROPOSED), (replace(LOG, id="E1"),))
    assert (one.evidence_for, one.evidence_against, one.change_id) == (("E1",), (), None)


def test_the_same_words_about_another_component_are_other_evidence() -> None:
    assert recalled(kept(PROPOSED), (replace(LOG, component="cache"),)) == ()


def test_a_cause_with_nothing_left_for_it_is_dropped() -> None:
    assert recalled(kept(PROPOSED), (replace(NOTE, id="E1"),)) == ()


def test_items_that_became_one_are_cited_once() -> None:
    (one,) = recalled(kept(replace(PROPOSED, evidence_against=())), (replace(ALERT, id="E9", change_id=None),))
    assert one.evidence_for == ("E9",)


def test_of_a_storm_a_few_alerts_are_kept_to_know_it_by() -> None:
    storm = replace(ALERT, alert_ids=tuple(str(number) for number in range(1_000)))
    (one,) = found([replace(PROPOSED, evidence_for=("E1",))], (storm, NOTE))
    assert len(one.evidence_for[0]) == 20
    assert recalled([one], (replace(storm, id="E7"),))[0].evidence_for == ("E7",)
