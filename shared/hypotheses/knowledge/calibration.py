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
    (0.015, 0.008),
    (0.031, 0.016),
    (0.057, 0.029),
    (0.093, 0.046),
    (0.115, 0.113),
    (0.144, 0.134),
    (0.19, 0.22),
    (0.23, 0.407),
    (0.275, 0.429),
    (0.349, 0.633),
    (0.433, 0.717),
    (0.646, 0.823),
    (0.944, 0.948),
    (1.0, 1.0),
)
"""Score to confidence, both 0-1, ascending."""


def calibrated(score: float) -> float:
    """Return the confidence, 0-1, for a score in 0-1. Never falls where the score rises."""
    for (left, low), (right, high) in pairwise(TABLE):
        if score <= right:
            return low + (high - low) * (score - left) / (right - left)
    return TABLE[-1][1]
