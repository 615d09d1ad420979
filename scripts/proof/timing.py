"""Statistics of measured times."""

from collections.abc import Sequence
from statistics import quantiles

_TWENTIETHS = 20


def p95(times: Sequence[float]) -> float:
    """Return the time that 95 of 100 stay within."""
    return quantiles(times, n=_TWENTIETHS)[-1]


def better_than_chance(some: Sequence[float], others: Sequence[float]) -> float:
    """Return how often one of `some` is greater than one of `others`: the area under the ROC curve; 0.5 is chance."""
    return sum((a > b) + (a == b) / 2 for a in some for b in others) / (len(some) * len(others))
