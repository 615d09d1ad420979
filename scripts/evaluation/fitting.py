"""Fits the calibration table: isotonic regression of being right on the score, drawn towards the score itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

PRIOR: Final = 12.0
"""How many cases the score's own word is worth, for each knot. A table from fewer cases would tell of those alone."""

GROUP: Final = 12
"""Hypotheses a knot, at least."""

_DIGITS: Final = 3


@dataclass(frozen=True, slots=True)
class _Block:
    score: float
    right: float
    weight: float

    def joined(self, other: "_Block") -> "_Block":
        weight = self.weight + other.weight
        return _Block(
            (self.score * self.weight + other.score * other.weight) / weight,
            (self.right * self.weight + other.right * other.weight) / weight,
            weight,
        )


def fit(judged: Sequence[tuple[float, bool]]) -> tuple[tuple[float, float], ...]:
    """Return knots (score, confidence), both 0-1 and ascending, from scores and whether each was right."""
    ordered = sorted(judged)
    blocks = [_block(ordered[start : start + GROUP]) for start in range(0, len(ordered), GROUP)]
    kept: list[_Block] = []
    for block in blocks:  # pool adjacent violators
        kept.append(block)
        while len(kept) > 1 and kept[-2].right >= kept[-1].right:
            last = kept.pop()
            kept[-1] = kept[-1].joined(last)
    inner = [(round(block.score, _DIGITS), round(block.right, _DIGITS)) for block in kept]
    return ((0.0, 0.0), *(knot for knot in inner if 0 < knot[0] < 1), (1.0, 1.0))


def _block(group: Sequence[tuple[float, bool]]) -> _Block:
    score = sum(one for one, _ in group) / len(group)
    right = (sum(hit for _, hit in group) + PRIOR * score) / (len(group) + PRIOR)
    return _Block(score, right, float(len(group)))
