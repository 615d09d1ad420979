"""What a measured course did, in one word and a few numbers: robust statistics, no fitting.

Medians and median absolute deviations stand where others use means and standard deviations, so that one odd sample
neither hides a change nor makes one (Hampel's identifier). The change point is the split of least absolute error.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from math import isfinite
from statistics import StatisticsError, correlation, median
from typing import Final

from shared.hypotheses.values import Series

MIN_POINTS: Final = 5
SAME: Final = 0.25
"""Courses that differ by less than this share of their level are the same to an operator."""

CLEAR: Final = 3.5
"""A robust z-score from which a move is no noise (Iglewicz and Hoaglin)."""

EXCURSION: Final = 0.6
"""What comes back must have been off by this share of its level to be worth a word."""

TREND: Final = 0.7
"""Kendall's tau from which a course is a trend, however noisy."""

FULL_PERCENT: Final = 85.0
NEARLY_NOTHING: Final = 0.1

_GAUSSIAN: Final = 1.4826  # makes a median absolute deviation comparable with a standard deviation
_MIN_NOISE: Final = 0.02  # of the level: counters that never move have no deviation at all
SHOWN_POINTS: Final = 60
"""So many are enough to draw a course."""

_MAX_POINTS: Final = 80  # the work grows with their square
_DIGITS: Final = 6


class Shape(StrEnum):
    """What a course did. The values are the verbs of its statement."""

    STEADY = "is steady"
    ROSE = "rose"
    FELL = "fell"
    SATURATED = "saturated"
    RAN_OUT = "ran out"
    SPIKED = "spiked and came back"
    DIPPED = "dipped and came back"
    BROKE_OFF = "broke off and came back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """`before` and `after` are the medians on both sides of the change; `score` is the robust z-score of the move.

    `extreme` is the value farthest from `before`. `began` is the first moment that is clearly no longer as before.
    """

    shape: Shape
    before: float
    after: float
    extreme: float
    score: float
    began: datetime


def movement(series: Series) -> Movement | None:
    """Say what a course did; None where there are too few finite points to say."""
    finite = _finite(series)
    points = _thinned(finite, _MAX_POINTS)
    if len(points) < MIN_POINTS:
        return None
    values = [value for _, value in points]
    split = _change_point(values)
    before, after = median(values[:split]), median(values[split:])
    noise = _noise(values, split, before, after)
    shape, extreme = _shape(values, before, after, noise, is_percent=series.unit.lower() in {"percent", "%"})
    began = next(
        (at for at, value in finite if abs(value - before) > CLEAR * noise), points[min(split, len(points) - 1)][0]
    )
    return Movement(
        shape=shape,
        before=before,
        after=after,
        extreme=extreme,
        score=min(abs(extreme - before) / noise, 1_000.0),
        began=began,
    )


def sketch(series: Series) -> Series:
    """A course as it is drawn: at most `SHOWN_POINTS` finite points, six digits each."""
    points = _thinned(_finite(series), SHOWN_POINTS)
    return Series(unit=series.unit, points=tuple((at, float(f"{value:.{_DIGITS}g}")) for at, value in points))


def likeness(series: Series, other: Series) -> float | None:
    """Spearman's rank correlation of two courses, -1 to 1: whether they move together, however far each one moves.

    Each point of the first is compared with the last one of the other at that time. None where there are too few, or
    where one does not move at all.
    """
    points, others = _finite(series), _finite(other)
    times = [at for at, _ in others]
    pairs = [(value, others[place - 1][1]) for at, value in points if (place := bisect_right(times, at))]
    if len(pairs) < MIN_POINTS:
        return None
    try:
        return correlation([one for one, _ in pairs], [one for _, one in pairs], method="ranked")
    except StatisticsError:
        return None


def _finite(series: Series) -> list[tuple[datetime, float]]:
    return [(at, value) for at, value in series.points if isfinite(value)]


def _thinned(points: list[tuple[datetime, float]], most: int) -> list[tuple[datetime, float]]:
    """A bounded course: every so-many-th point, the last one included."""
    step = -(-len(points) // most) or 1
    return points[::-step][::-1] if step > 1 else points


def _change_point(values: Sequence[float]) -> int:
    """The length of the first part when a course is cut in two with the least absolute error."""
    cuts = range(1, len(values))
    return min(cuts, key=lambda cut: _error(values[:cut]) + _error(values[cut:]))


def _error(values: Sequence[float]) -> float:
    level = median(values)
    return sum(abs(value - level) for value in values)


def _noise(values: Sequence[float], split: int, before: float, after: float) -> float:
    rests = [abs(value - (before if place < split else after)) for place, value in enumerate(values)]
    level = max(abs(before), abs(after), max(abs(value) for value in values) * _MIN_NOISE)
    return max(_GAUSSIAN * median(rests), _MIN_NOISE * level) or 1.0


def _shape(
    values: Sequence[float], before: float, after: float, noise: float, *, is_percent: bool
) -> tuple[Shape, float]:
    first, last = median(values[:2]), median(values[-2:])
    low, high = min(values), max(values)
    far = max((low, high), key=lambda value: abs(value - first))
    swing = high - low
    if is_percent and median(values[-3:]) >= FULL_PERCENT:
        return Shape.SATURATED, high
    is_wide = swing > EXCURSION * max(abs(first), abs(last)) and swing > CLEAR * noise
    if is_wide and abs(last - first) < SAME * swing and _stands_out(values, far, first):
        if far > first:
            return Shape.SPIKED, far
        return (Shape.BROKE_OFF if abs(low) <= NEARLY_NOTHING * abs(first) else Shape.DIPPED), far
    has_moved = abs(after - before) > max(SAME * abs(before), CLEAR * noise)
    has_drifted = abs(_tau(values)) >= TREND and abs(last - first) > SAME * max(abs(first), abs(last) * SAME)
    if not (has_moved or has_drifted):
        return Shape.STEADY, far
    if last > first:
        return Shape.ROSE, high
    return (Shape.RAN_OUT if 0 <= last <= NEARLY_NOTHING * first else Shape.FELL), low


def _stands_out(values: Sequence[float], far: float, usual: float) -> bool:
    """Whether what lies far off is an excursion, and no part of an up and down that goes on all the time."""
    middle = (far + usual) / 2
    beyond = [value > middle if far > usual else value < middle for value in values]
    return sum(now != then for then, now in pairwise(beyond)) <= 2  # noqa: PLR2004 - out once and back once


def _tau(values: Sequence[float]) -> float:
    """Kendall's rank correlation of a course with time."""
    pairs = [
        (later > earlier) - (later < earlier) for place, earlier in enumerate(values) for later in values[place + 1 :]
    ]
    return sum(pairs) / max(len(pairs), 1)
