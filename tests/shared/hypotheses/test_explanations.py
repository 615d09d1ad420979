"""What people read: every aspect of a candidate with its value, its evidence and its sentence, in one rich case."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.hypotheses.candidates import grounded, propose
from shared.hypotheses.evidence import collect
from shared.hypotheses.factors import CAUSE_ASPECTS, NULL_ASPECTS, View
from shared.hypotheses.values import CauseCode, Change, EvidenceKind, Observation, PastCause, Service
from tests.shared.hypotheses.cases import START, alert, case

C = CauseCode

CASE = replace(
    case(
        alert("HighErrorRate", severity="critical", minute=6),
        alert("ConnectionPoolExhausted", service="db", severity="high"),
        alert("HighLatency", service="web", minute=12, resolved=True),
    ),
    services=(Service(name="web", depends_on=("checkout",)), Service(name="checkout", depends_on=("db", "mail"))),
    changes=(
        Change(id="c1", at=START - timedelta(minutes=9), kind="config", component="db", title="max_connections 50"),
        Change(id="c2", at=START - timedelta(minutes=40), kind="deploy", component="mail", title="mail 3"),
    ),
    observations=(
        Observation(
            kind=EvidenceKind.LOG,
            component="db",
            at=START + timedelta(minutes=1),
            title="error",
            text="FATAL: remaining connection slots are reserved: too many clients already",
        ),
        Observation(
            kind=EvidenceKind.EVENT,
            component="mail",
            at=START + timedelta(minutes=2),
            title="Unhealthy",
            text="Readiness probe failed: HTTP probe failed with statuscode: 503",
        ),
    ),
    history=(
        PastCause(
            reference="INC-7",
            component="db",
            cause_code=C.CONNECTION_POOL_EXHAUSTED,
            confirmed_at=START - timedelta(days=60),
            similarity=0.8,
        ),
        PastCause(
            reference="INC-9",
            component="db",
            cause_code=C.CONNECTION_POOL_EXHAUSTED,
            confirmed_at=START - timedelta(days=120),
            similarity=0.6,
        ),
    ),
)
EVIDENCE = collect(CASE)
CANDIDATES = grounded(propose(CASE, EVIDENCE), EVIDENCE)

type Row = tuple[str, float, tuple[str, ...], str]


def explanation(component: str, code: CauseCode) -> list[Row]:
    candidate = next(one for one in CANDIDATES if (one.component, one.cause_code) == (component, code))
    aspects = NULL_ASPECTS if code is C.NONE else CAUSE_ASPECTS
    judged = [(aspect.name, aspect.judge(View.of(CASE, EVIDENCE), candidate)) for aspect in aspects]
    return [(name, round(found.value, 3), found.evidence, found.why) for name, found in judged]


EXPECTED: dict[tuple[str, CauseCode], list[Row]] = {
    ("db", C.CONNECTION_POOL_EXHAUSTED): [
        (
            "signature strength",
            0.85,
            ("E1", "E4", "E9", "E10"),
            'E1 shows "connections-exhausted": A database or a pool gives out no more connections.',
        ),
        ("corroboration", 0.5, ("E1", "E4"), "Kinds of evidence that point at it: 2."),
        ("specificity", 0.25, ("E1",), '"connections-exhausted" in E1 leaves causes open: 4.'),
        ("onset order", 1.0, ("E1",), "E1 is among the first that was seen."),
        ("topology", 0.833, ("E2", "E3"), "It explains the trouble of checkout, web, which depend on it."),
        ("recent change", 1.0, ("E6",), "E6 came 9 min before the onset."),
        ("past causes", 0.49, ("E9", "E10"), "Incidents like this one that it was confirmed for: 2."),
        ("severity", 0.8, ("E1",), "The worst alert is high."),
        ("base rate", 0.5, (), "On a scale of 0 to 1, this cause is as usual as 0.5."),
    ],
    ("db", C.WRONG_CONFIGURATION): [
        ("signature strength", 0.65, ("E6",), "E6 is a change shortly before the onset."),
        ("corroboration", 0.0, (), "Kinds of evidence that point at it: 0."),
        ("specificity", 0.0, (), "Nothing tells this cause from others."),
        ("onset order", 0.0, (), "Nothing tells when it began."),
        ("topology", 0.833, ("E2", "E3"), "It explains the trouble of checkout, web, which depend on it."),
        ("recent change", 1.0, ("E6",), "E6 came 9 min before the onset."),
        ("past causes", 0.0, (), "Incidents like this one that it was confirmed for: 0."),
        ("severity", 1.0, (), "The worst alert is critical."),
        ("base rate", 0.7, (), "On a scale of 0 to 1, this cause is as usual as 0.7."),
    ],
    ("mail", C.BAD_RELEASE): [
        ("signature strength", 0.3, ("E5", "E7"), 'E5 shows "target-down": Something that should answer does not.'),
        ("corroboration", 0.0, ("E5",), "Kinds of evidence that point at it: 1."),
        ("specificity", 0.2, ("E5",), '"target-down" in E5 leaves causes open: 5.'),
        ("onset order", 0.833, ("E5",), "E5 came 2 min after the first evidence."),
        ("topology", 0.833, ("E2", "E3"), "It explains the trouble of checkout, web, which depend on it."),
        ("recent change", 0.4, ("E7",), "E7 came 40 min before the onset."),
        ("past causes", 0.0, (), "Incidents like this one that it was confirmed for: 0."),
        ("severity", 1.0, (), "The worst alert is critical."),
        ("base rate", 0.9, (), "On a scale of 0 to 1, this cause is as usual as 0.9."),
    ],
    ("checkout", C.DEPENDENCY_UNAVAILABLE): [
        ("signature strength", 0.4, ("E2",), 'E2 shows "errors": Requests fail.'),
        ("corroboration", 0.0, ("E2",), "Kinds of evidence that point at it: 1."),
        ("specificity", 0.2, ("E2",), '"errors" in E2 leaves causes open: 5.'),
        ("onset order", 0.5, ("E2",), "E2 came 6 min after the first evidence."),
        ("topology", 0.0, ("E1", "E4", "E5"), "It calls db, mail, where trouble was seen too."),
        ("recent change", 0.0, (), "No change is blamed for it."),
        ("past causes", 0.0, (), "Incidents like this one that it was confirmed for: 0."),
        ("severity", 1.0, ("E2",), "The worst alert is critical."),
        ("base rate", 0.8, (), "On a scale of 0 to 1, this cause is as usual as 0.8."),
    ],
    ("web", C.DEPENDENCY_SLOW): [
        ("signature strength", 0.4, ("E3",), 'E3 shows "latency": Requests take too long.'),
        ("corroboration", 0.0, ("E3",), "Kinds of evidence that point at it: 1."),
        ("specificity", 0.167, ("E3",), '"latency" in E3 leaves causes open: 6.'),
        ("onset order", 0.0, ("E3",), "E3 came 12 min after the first evidence."),
        ("topology", 0.0, ("E1", "E2", "E4", "E5"), "It calls checkout, db, mail, where trouble was seen too."),
        ("recent change", 0.0, (), "No change is blamed for it."),
        ("past causes", 0.0, (), "Incidents like this one that it was confirmed for: 0."),
        ("severity", 0.5, ("E3",), "The worst alert is medium."),
        ("base rate", 0.6, (), "On a scale of 0 to 1, this cause is as usual as 0.6."),
    ],
    ("checkout", C.NONE): [
        ("harmlessness", 0.254, ("E3",), "1 of 3 alerts are resolved, the last 10 min ago."),
        ("absence of causes", 0.15, ("E1",), "The most telling evidence, E1, points at a cause with strength 0.85."),
        ("calm", 0.0, ("E1", "E2", "E3"), "The worst alert is critical."),
    ],
}


@pytest.mark.parametrize("about", EXPECTED, ids=str)
def test_every_aspect_of_a_candidate_is_told_with_its_value_its_evidence_and_a_sentence(
    about: tuple[str, CauseCode],
) -> None:
    assert explanation(*about) == EXPECTED[about]
