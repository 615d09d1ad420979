from typing import Any

import pytest

from scripts.evaluation.cases import Ranked, Result, Truth
from scripts.evaluation.figures import Share, calibration, figures, is_read_as_healthy


def ranked(*causes: tuple[str, str, float], change: str | None = None) -> tuple[Ranked, ...]:
    return tuple(
        Ranked(rank=rank, component=component, cause_code=cause, confidence=sure, change_id=change, evidence=("E1",))
        for rank, (component, cause, sure) in enumerate(causes, start=1)
    )


def result(id_: str, *causes: tuple[str, str, float], outcome: str = "ranked", change: str | None = None) -> Result:
    return Result(
        id=id_,
        outcome=outcome,
        seconds=0.5,
        generator="rules",
        evidence_ids=("E1", "E2"),
        hypotheses=ranked(*causes, change=change),
    )


DISK = Truth(id="disk", components=("db", "db-*"), cause_codes=("disk_full", "disk_io"), ruled_out=("bad_release",))
WELL = Truth(id="well", healthy=True)


def test_a_hit_needs_both_the_component_and_the_cause() -> None:
    found = figures(
        [
            result("disk", ("api", "disk_full", 0.5), ("db-1", "slow_query", 0.3), ("db-2", "disk_io", 0.1)),
        ],
        {"disk": DISK},
    )
    both = found["component_and_cause"]
    assert [both[f"a@{depth}"]["hits"] for depth in (1, 3, 5)] == [0, 1, 1]
    assert both["mrr"] == pytest.approx(1 / 3)
    assert found["component"]["mrr"] == pytest.approx(1 / 2)
    assert found["cause"]["mrr"] == 1


@pytest.mark.parametrize(
    ("made", "healthy"),
    [
        (result("well", ("api", "none", 0.8), ("api", "disk_full", 0.1)), True),
        (result("well", ("api", "disk_full", 0.4), outcome="inconclusive"), True),
        (result("well", ("api", "disk_full", 0.4)), False),
        (result("well", ("api", "none", 0.6), ("api", "disk_full", 0.55)), False),
        (result("well", outcome="inconclusive"), True),
    ],
)
def test_blaming_nothing_is_reading_a_case_as_healthy(made: Result, healthy: bool) -> None:
    assert is_read_as_healthy(made) is healthy


def test_abstention_has_a_precision_and_a_recall() -> None:
    results = [result("disk", ("db", "none", 0.9)), result("well", ("api", "none", 0.9))]
    found = figures(results, {"disk": DISK, "well": WELL})["abstention"]
    assert (found["precision"]["value"], found["recall"]["value"]) == (0.5, 1)


def test_the_guilty_change_is_ranked_and_an_innocent_one_is_counted() -> None:
    truths = {"a": Truth(id="a", change_id="c1"), "b": Truth(id="b", no_change=True)}
    results = [result("a", ("x", "y", 0.5), change="c1"), result("b", ("x", "y", 0.5), change="c2")]
    found = figures(results, truths)
    assert (found["change"]["a@1"]["value"], found["no_change"]["value"]) == (1, 0)


def test_a_citation_of_nothing_is_found() -> None:
    made = result("disk", ("db", "disk_full", 0.9)).model_copy(update={"evidence_ids": ()})
    assert figures([made], {})["citations"]["value"] == 0


def test_what_is_not_in_the_truth_is_not_scored() -> None:
    found = figures([result("disk", ("db", "disk_full", 0.9))], {"disk": Truth(id="disk")})
    assert found["component_and_cause"]["a@1"] == {"hits": 0, "of": 0, "value": None, "interval_95": None}
    assert found["calibration"]["expected_error"] is None


def test_the_interval_is_wilsons() -> None:
    assert Share(hits=8, of=10).interval == pytest.approx((0.490, 0.943), abs=1e-3)


def test_the_calibration_error_weighs_tenths_by_their_hypotheses() -> None:
    found: dict[str, Any] = calibration([(0.95, True), (0.95, False), (0.05, False)])
    assert found["expected_error"] == pytest.approx((2 * 0.45 + 0.05) / 3)
    assert [row["hypotheses"] for row in found["reliability"]] == [1, 2]
