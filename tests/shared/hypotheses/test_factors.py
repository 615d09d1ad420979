from collections.abc import Callable
from dataclasses import replace
from math import isclose

import pytest

from shared.hypotheses import factors
from shared.hypotheses.candidates import propose
from shared.hypotheses.evidence import collect
from shared.hypotheses.factors import CAUSE_ASPECTS, NULL_ASPECTS, Finding, View, is_decisive
from shared.hypotheses.values import Alert, Candidate, CauseCode, Change, EvidenceKind, Observation, Service
from tests.shared.hypotheses.cases import START, alert, case

C = CauseCode


def judged(judge: Callable[[View, Candidate], Finding], code: C, *alerts: Alert) -> Finding:
    view, candidate = weighed(code, *alerts)
    return judge(view, candidate)


def weighed(code: C, *alerts: Alert) -> tuple[View, Candidate]:
    of = case(*alerts)
    evidence = collect(of)
    return View.of(of, evidence), next(one for one in propose(of, evidence) if one.cause_code is code)


@pytest.mark.parametrize("aspects", [CAUSE_ASPECTS, NULL_ASPECTS])
def test_the_weights_of_a_table_sum_to_one(aspects: tuple[factors.Aspect, ...]) -> None:
    assert isclose(sum(aspect.weight for aspect in aspects), 1)


def test_the_strongest_wording_counts_and_is_quoted() -> None:
    alerts = (alert("HighErrorRate"), alert("AfterDeploy", summary="since the deploy of 2.4.1", minute=1))
    found = judged(factors.signature_strength, C.BAD_RELEASE, *alerts)
    assert (found.value, found.evidence) == (0.75, ("E1", "E2"))
    assert found.why == 'E2 shows "after-release": It began with a new version.'


def test_a_release_that_nobody_made_is_hardly_one() -> None:
    elsewhere = Change(id="c1", at=START, kind="deploy", component="cart", title="cart 2")
    of = replace(case(alert("HighErrorRate")), changes=(elsewhere,))
    evidence = collect(of)
    key = ("checkout", C.BAD_RELEASE)
    suspected = next(one for one in propose(of, evidence) if (one.component, one.cause_code) == key)
    told = judged(factors.signature_strength, C.BAD_RELEASE, alert("HighErrorRate")).value
    found = factors.signature_strength(View.of(of, evidence), suspected)
    assert found.value == pytest.approx(factors.UNCHANGED * told)


@pytest.mark.parametrize(
    ("confirmed", "rate", "why"),
    [
        ({}, 0.5, "On a scale of 0 to 1, this cause is as usual as 0.5."),
        ({C.DISK_FULL: 5}, 0.6, "as usual as 0.60: 0.5 in general, and 5 of 5 confirmed here within a year."),
        ({C.DISK_FULL: 5, C.DNS_FAILURE: 15}, 5 / 12, "and 5 of 20 confirmed here within a year."),
        ({C.DNS_FAILURE: 20}, 0.25, "as usual as 0.25: 0.5 in general, and 0 of 20 confirmed here within a year."),
        ({C.DISK_FULL: 180}, 0.95, "and 180 of 180 confirmed here within a year."),
    ],
)
def test_what_people_confirmed_moves_what_is_usual_the_further_the_more_it_was(
    confirmed: dict[C, int], rate: float, why: str
) -> None:
    view, candidate = weighed(C.DISK_FULL, alert("DiskFull"))
    found = factors.base_rate(replace(view, case=replace(view.case, confirmed=confirmed)), candidate)
    assert found.value == pytest.approx(rate)
    assert found.why.endswith(why)
    assert found.evidence == ()


def test_a_usual_suspect_has_no_wording() -> None:
    found = judged(factors.signature_strength, C.BAD_RELEASE, alert("Odd"))
    assert (found.value, found.evidence) == (0, ())
    assert judged(factors.specificity, C.BAD_RELEASE, alert("Odd")).value == 0
    assert judged(factors.corroboration, C.BAD_RELEASE, alert("Odd")).value == 0


@pytest.mark.parametrize(
    ("names", "value"),
    [
        (("DiskFull",), 0),
        (("DiskFull", "DiskFillingUp"), 0.5),
        (("DiskFull", "DiskFillingUp", "FilesystemFull"), 0.75),
    ],
)
def test_each_further_kind_of_alert_halves_the_doubt(names: tuple[str, ...], value: float) -> None:
    alerts = [alert(name, minute=minute) for minute, name in enumerate(names)]
    assert judged(factors.corroboration, C.DISK_FULL, *alerts, alert("DiskFull")).value == value


def test_a_wording_that_leaves_fewer_causes_open_is_more_specific() -> None:
    vague = judged(factors.specificity, C.BAD_RELEASE, alert("HighErrorRate"))
    sharp = judged(factors.specificity, C.TLS_CERTIFICATE, alert("CertificateExpired"))
    assert 0 < vague.value < sharp.value <= 0.5


@pytest.mark.parametrize(
    ("minute", "value", "evidence"),
    [(0, 1.0, ("E1",)), (4, 0.6, ("E2",)), (10, 0.0, ("E2",))],
)
def test_what_began_earlier_is_more_likely_the_cause(minute: int, value: float, evidence: tuple[str, ...]) -> None:
    first, last = alert("Odd"), alert("Odder", minute=10)
    found = judged(factors.onset_order, C.DISK_FULL, alert("DiskFull", minute=minute), first, last)
    assert found.value == pytest.approx(value)
    assert found.evidence == evidence


def test_what_began_together_is_in_no_order() -> None:
    found = judged(factors.onset_order, C.DISK_FULL, alert("DiskFull"), alert("Odd"))
    assert (found.value, found.evidence) == (0, ())


@pytest.mark.parametrize(
    ("severity", "value"), [("critical", 1), ("high", 0.8), ("medium", 0.5), ("low", 0.2), ("info", 0)]
)
def test_severity_is_that_of_the_worst_alert(severity: str, value: float) -> None:
    alerts = (alert("DiskFull", severity=severity), alert("DiskFull", severity="info", minute=1))
    assert judged(factors.severity, C.DISK_FULL, *alerts).value == value
    assert judged(factors.calm, C.NONE, *alerts).value == pytest.approx(1 - value)


def test_the_base_rate_is_the_causes_own() -> None:
    alerts = (alert("HighErrorRate"),)
    assert (
        judged(factors.base_rate, C.BAD_RELEASE, *alerts).value
        > judged(factors.base_rate, C.TRAFFIC_SPIKE, *alerts).value
    )


@pytest.mark.parametrize(
    ("alerts", "value", "evidence", "why"),
    [
        ((alert("DiskFull"),), 0, (), "0 of 1 alerts are resolved."),
        ((alert("Watchdog"),), 0.95, ("E1",), "0 of 1 alerts are resolved; harmless by its own words: E1."),
        ((alert("DiskFull", resolved=True),), 0.7, ("E1",), "1 of 1 alerts are resolved, the last 10 min ago."),
        (
            (alert("DiskFull", resolved=True), alert("Odd", minute=1)),
            0.35,
            ("E1",),
            "1 of 2 alerts are resolved, the last 10 min ago.",
        ),
    ],
)
def test_what_is_over_or_says_so_is_harmless(
    alerts: tuple[Alert, ...], value: float, evidence: tuple[str, ...], why: str
) -> None:
    found = judged(factors.harmlessness, C.NONE, *alerts)
    assert found.value == pytest.approx(value)
    assert (found.evidence, found.why) == (evidence, why)


def test_the_more_telling_the_evidence_the_less_nothing_is_wrong() -> None:
    telling = judged(factors.absence_of_causes, C.NONE, alert("Odd"), alert("DiskFull", minute=1))
    assert telling.value == pytest.approx(0.1)
    assert telling.evidence == ("E2",)
    assert judged(factors.absence_of_causes, C.NONE, alert("Odd")).value == 1


@pytest.mark.parametrize(
    ("code", "one", "decisive"),
    [
        (C.DISK_FULL, alert("DiskFull"), True),
        (C.BAD_RELEASE, alert("HighErrorRate"), False),
        (C.NONE, alert("Watchdog"), True),
        (C.NONE, alert("DiskFull", resolved=True), False),
    ],
)
def test_only_a_strong_wording_is_decisive(code: C, one: Alert, *, decisive: bool) -> None:
    assert is_decisive(*weighed(code, one)) is decisive


def test_a_dependency_is_not_to_blame_where_somebody_looked_and_saw_no_trouble() -> None:
    seen = Observation(
        kind=EvidenceKind.LOG, component="checkout", at=START, title="log", text="request to db took 9000 ms"
    )
    calls = (Service(name="checkout", depends_on=("mail", "db")),)
    of = replace(case(alert("HighLatency")), services=calls, observations=(seen,))
    evidence = collect(of)
    blaming = Candidate(component="checkout", cause_code=C.DEPENDENCY_SLOW, claim="", evidence_for=("E1",))
    found = factors.topology(View.of(of, evidence), blaming)
    assert found == Finding(value=0.0, evidence=(), why="It calls db, mail, where no trouble was seen.")
    alone = "No service in trouble is known to call it or to be called by it."
    unseen = replace(of, observations=())
    for one, view in (
        (replace(blaming, cause_code=C.DISK_FULL), View.of(of, evidence)),
        (blaming, View.of(unseen, collect(unseen))),
    ):
        assert factors.topology(view, one) == Finding(value=0.5, evidence=(), why=alone)


def test_what_says_nothing_says_so() -> None:
    unknown = judged(factors.signature_strength, C.BAD_RELEASE, alert("Odd"))
    assert unknown.why == "No known wording in the evidence points at this cause."
    together = judged(factors.onset_order, C.DISK_FULL, alert("DiskFull"), alert("Odd"))
    assert together.why == "Everything began within a minute, so order says nothing."
