from itertools import pairwise

import pytest

from shared.hypotheses.knowledge.calibration import TABLE, calibrated


def test_the_table_ascends_from_nothing_to_certainty() -> None:
    assert (TABLE[0], TABLE[-1]) == ((0, 0), (1, 1))
    assert all(left < right and low <= high for (left, low), (right, high) in pairwise(TABLE))


def test_a_higher_score_is_never_worth_less() -> None:
    worth = [calibrated(score / 200) for score in range(201)]
    assert worth == sorted(worth)
    assert (worth[0], worth[-1]) == (0, 1)


def test_knots_are_worth_what_the_table_says() -> None:
    assert [calibrated(score) for score, _ in TABLE] == pytest.approx([worth for _, worth in TABLE])
