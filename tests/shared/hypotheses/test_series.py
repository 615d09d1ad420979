from datetime import timedelta
from math import inf, nan

import pytest

from shared.hypotheses.series import MIN_POINTS, Shape, movement
from shared.hypotheses.values import Series
from tests.shared.hypotheses.cases import START


def course(*values: float, unit: str = "") -> Series:
    return Series(unit=unit, points=tuple((START + timedelta(minutes=i), value) for i, value in enumerate(values)))


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        ([20, 21, 19, 20, 22, 20, 19, 21, 20, 20], Shape.STEADY),
        ([0] * 12, Shape.STEADY),
        ([20, 21, 19, 20, 45, 46, 44, 45, 46, 45], Shape.ROSE),
        ([100, 98, 102, 100, 60, 58, 61, 60, 59, 60], Shape.FELL),
        ([15, 14, 12, 9, 7, 5, 3, 1, 0.6, 0.5], Shape.RAN_OUT),
        ([1, 30, 90, 160, 250, 350, 470, 600, 740, 900], Shape.ROSE),
        ([5, 5, 6, 5, 60, 62, 5, 5, 6, 5], Shape.SPIKED),
        ([50, 51, 50, 12, 11, 50, 49, 51, 50, 50], Shape.DIPPED),
        ([312, 314, 307, 0, 0, 308, 312, 314, 310, 311], Shape.BROKE_OFF),
        # What goes up and down all the time does what it always does.
        ([55, 65, 56, 64, 55, 66, 54, 65, 55, 64, 55, 65], Shape.STEADY),
        # One odd sample is neither a change nor noise.
        ([20, 21, 19, 20, 22, 20, 24, 21, 20, 20], Shape.STEADY),
    ],
)
def test_a_course_is_told_in_a_word(values: list[float], shape: Shape) -> None:
    moved = movement(course(*values))
    assert moved is not None
    assert moved.shape is shape


def test_what_stays_at_the_limit_of_a_percentage_is_saturated_however_it_came_there() -> None:
    high = [91.0, 90, 92, 93, 91, 92, 94, 92]
    assert (moved := movement(course(*high, unit="Percent"))) is not None
    assert moved.shape is Shape.SATURATED
    assert (counted := movement(course(*high, unit="Count"))) is not None
    assert counted.shape is Shape.STEADY


def test_a_change_is_dated_and_measured() -> None:
    moved = movement(course(20, 21, 19, 20, 45, 46, 44, 45, 46, 45))
    assert moved is not None
    assert (moved.before, moved.after, moved.extreme) == (20, 45, 46)
    assert moved.began == START + timedelta(minutes=4)
    assert moved.score > 10


@pytest.mark.parametrize("values", [[], [1.0] * (MIN_POINTS - 1), [nan, inf, -inf, 1, 2, 3]])
def test_too_few_numbers_say_nothing(values: list[float]) -> None:
    assert movement(course(*values)) is None


def test_a_long_course_is_thinned_and_keeps_its_end() -> None:
    moved = movement(course(*([10.0] * 1_500), *([40.0] * 500)))
    assert moved is not None
    assert (moved.shape, moved.after) == (Shape.ROSE, 40)
