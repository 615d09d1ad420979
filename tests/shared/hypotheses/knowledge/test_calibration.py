from hashlib import sha256
from itertools import pairwise

import pytest

from shared.hypotheses.knowledge.calibration import TABLE, VERSION, calibrated


def test_the_table_ascends_from_nothing_to_certainty() -> None:
    assert (TABLE[0], TABLE[-1]) == ((0, 0), (1, 1))
    assert all(left < right and low <= high for (left, low), (right, high) in pairwise(TABLE))


def test_a_higher_score_is_never_worth_less() -> None:
    worth = [calibrated(score / 200) for score in range(201)]
    assert worth == sorted(worth)
    assert (worth[0], worth[-1]) == (0, 1)


def test_knots_are_worth_what_the_table_says() -> None:
    assert [calibrated(score) for score, _ in TABLE] == pytest.approx([worth for _, worth in TABLE])


def test_between_knots_the_line_is_straight() -> None:
    for (left, low), (right, high) in pairwise(TABLE):
        assert calibrated(left + (right - left) / 4) == pytest.approx(low + (high - low) / 4)


def test_a_sum_that_rounding_left_above_certainty_is_certain() -> None:
    assert calibrated(1 + 1e-12) == 1


def test_another_table_has_another_version() -> None:
    """Stored confidences say by which version they were made: whoever changes the table raises it, here too."""
    assert (VERSION, sha256(repr(TABLE).encode()).hexdigest()[:16]) == ("2", "94c7c68daf71af89")
