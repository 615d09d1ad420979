"""From a score to how often a hypothesis with that score was right: fitted, not judged.

`scripts/eval --fit` fits the table on cases whose causes are known, by isotonic regression (Zadrozny and Elkan, 2002)
that is drawn towards the score itself where cases are few. Between its knots the line is straight.
"""

from itertools import pairwise
from typing import Final

VERSION: Final = "2"
"""Raised with each change of the table: a stored confidence belongs to one version."""

TABLE: Final[tuple[tuple[float, float], ...]] = (
    (0.0, 0.0),
    (0.014, 0.007),
    (0.032, 0.016),
    (0.056, 0.028),
    (0.095, 0.047),
    (0.117, 0.114),
    (0.144, 0.135),
    (0.186, 0.301),
    (0.224, 0.32),
    (0.269, 0.426),
    (0.342, 0.588),
    (0.417, 0.708),
    (0.599, 0.799),
    (0.936, 0.945),
    (1.0, 1.0),
)
"""Score to confidence, both 0-1, ascending."""


def calibrated(score: float) -> float:
    """Return the confidence, 0-1, for a score in 0-1. Never falls where the score rises."""
    for (left, low), (right, high) in pairwise(TABLE):
        if score <= right:
            return low + (high - low) * (score - left) / (right - left)
    return TABLE[-1][1]
