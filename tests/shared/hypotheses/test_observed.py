from dataclasses import replace
from datetime import timedelta

from shared.hypotheses.evidence import collect
from shared.hypotheses.observed import MAX_OBSERVED_ITEMS, PAST
from shared.hypotheses.values import (
    Case,
    CauseCode,
    Change,
    Evidence,
    EvidenceKind,
    Observation,
    PastCause,
    Series,
    Service,
)
from tests.shared.hypotheses.cases import START, alert, case, explain

K = EvidenceKind


def seen(kind: K, title: str, text: str = "", *, component: str = "checkout", minute: int = 0) -> Observation:
    return Observation(kind=kind, component=component, at=START + timedelta(minutes=minute), title=title, text=text)


def course(title: str, *values: float, component: str = "checkout", unit: str = "") -> Observation:
    points = tuple((START + timedelta(minutes=i), value) for i, value in enumerate(values))
    return replace(seen(K.METRIC, title, component=component), series=Series(unit=unit, points=points))


def told(*observations: Observation, **changes: object) -> Case:
    return replace(case(alert("HighErrorRate")), observations=observations, **changes)  # type: ignore[arg-type]  # any field


def items(of: Case, kind: K) -> list[Evidence]:
    return [item for item in collect(of) if item.kind is kind]


def lead(of: Case) -> tuple[str, CauseCode]:
    first = explain(of).hypotheses[0]
    return first.component, first.cause_code


def test_a_moving_measure_is_a_statement_with_numbers() -> None:
    (item,) = items(told(course("CPUUtilization (Average)", *[20] * 8, *[97] * 8, unit="Percent")), K.METRIC)
    assert item.text == "CPUUtilization saturated: 20 to 97 Percent, beginning 8 min after the first alert"
    assert item.numbers["before"] == 20


def test_steady_measures_are_one_item_for_each_component() -> None:
    (item,) = items(told(*(course(f"measure {i}", *[5.0] * 10) for i in range(12))), K.METRIC)
    assert item.text.startswith("Steady measures of checkout: measure 0; measure 1;")
    assert (item.weight, item.numbers) == (0, {"well": 12})


def test_a_pod_stands_for_its_owner() -> None:
    (item,) = items(told(seen(K.LOG, "log", "ERROR OOMKilled", component="checkout-7f9dd8b6c4-x7gr9")), K.LOG)
    assert item.component == "checkout"


def test_a_reporter_writes_about_others() -> None:
    (item,) = items(told(seen(K.LOG, "log", "ERROR pod checkout-x failed to pull image", component="kubelet")), K.LOG)
    assert item.component == "checkout"


def test_what_is_well_by_now_denies_what_was() -> None:
    broken = seen(K.EVENT, "Warning BackOff", "Back-off restarting failed container", component="checkout-a")
    healthy = seen(K.NOTE, "pod checkout-a", "phase=Running ready=True restarts=0", component="checkout-a", minute=30)
    (event,) = items(told(broken, healthy), K.EVENT)
    assert (event.weight, event.text.endswith("[by now it is well]")) == (PAST, True)
    (alone,) = items(told(broken), K.EVENT)
    assert alone.weight == 1


def test_what_is_being_removed_troubles_nobody() -> None:
    text = "state=waiting: CrashLoopBackOff deletion_timestamp=2026-01-01T00:00:00Z"
    (item,) = items(told(seen(K.NOTE, "pod old", text, component="checkout-old")), K.NOTE)
    assert item.weight == PAST


def test_what_is_long_past_counts_less() -> None:
    (item,) = items(told(seen(K.EVENT, "Warning", "OOMKilled", minute=-60 * 24)), K.EVENT)
    assert item.weight == PAST


def test_the_same_from_many_instances_is_one_item_with_a_count() -> None:
    pods = [seen(K.EVENT, "Warning", "OOMKilled", component=f"checkout-{i}") for i in range(30)]
    (item,) = items(told(*pods), K.EVENT)
    assert item.numbers["times"] == 30


def test_a_flood_of_observations_stays_bounded() -> None:
    flood = [
        seen(K.LOG, f"log of s{i}", f"ERROR connection refused by s{i} " + "x" * 4_000, component=f"s{i}")
        for i in range(400)
    ]
    assert len(items(told(*flood), K.LOG)) <= MAX_OBSERVED_ITEMS


def test_an_alert_that_its_component_denies_is_no_incident() -> None:
    healthy = [seen(K.NOTE, f"pod {i}", "phase=Running ready=True restarts=0", minute=60) for i in range(3)]
    assert lead(told(*healthy)) == ("checkout", CauseCode.NONE)


def test_the_deepest_failing_dependency_explains_its_callers() -> None:
    services = (Service(name="checkout", depends_on=("payment",)), Service(name="payment", depends_on=("ledger",)))
    slow = [
        course(f"{name} latency p95", *[20] * 8, *[900] * 8, component=name)
        for name in ("checkout", "payment", "ledger")
    ]
    full = course("CPU usage", *[30] * 8, *[98] * 8, component="ledger", unit="percent")
    assert lead(told(*slow, full, services=services)) == ("ledger", CauseCode.CPU_SATURATION)


def test_a_change_just_before_the_onset_is_blamed_and_one_long_before_is_not() -> None:
    change = Change(id="c1", at=START - timedelta(minutes=4), kind="config", component="checkout", title="pool size 5")
    first = explain(told(changes=(change,))).hypotheses[0]
    assert (first.cause_code, first.change_id) == (CauseCode.WRONG_CONFIGURATION, "c1")
    old = replace(change, at=START - timedelta(days=3))
    assert all(one.change_id is None for one in explain(told(changes=(old,))).hypotheses)


def test_a_change_after_the_onset_caused_nothing() -> None:
    late = Change(id="c1", at=START + timedelta(minutes=20), kind="rollback", component="checkout", title="back to 1")
    assert all(one.change_id is None for one in explain(told(changes=(late,))).hypotheses)


def test_a_cause_that_was_confirmed_before_is_a_candidate() -> None:
    past = PastCause(
        reference="INC-7",
        component="ledger",
        cause_code=CauseCode.LOCK_CONTENTION,
        confirmed_at=START - timedelta(days=2),
        similarity=0.9,
    )
    assert ("ledger", CauseCode.LOCK_CONTENTION) in {
        (one.component, one.cause_code) for one in explain(told(history=(past,))).hypotheses
    }
