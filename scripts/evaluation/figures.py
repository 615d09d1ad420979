"""Figures of results against truths: rankings, abstention, calibration, with intervals.

A@k is the share of cases with a hit among the first k hypotheses, MRR the mean of 1 / rank of the first hit (0 without
one). Intervals are Wilson's at 95 %. The expected calibration error weighs each tenth of confidence by its hypotheses
(Naeini et al., 2015).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import sqrt
from statistics import mean
from typing import Any, Final

from scripts.evaluation.cases import Ranked, Result, Truth

NONE: Final = "none"
RANKED: Final = "ranked"
SURE: Final = 0.5
"""A healthy case is read wrongly when a cause has more confidence than this."""

DEPTHS: Final = (1, 3, 5)
_TENTHS: Final = 10
_Z95: Final = 1.959964

type Hit = Callable[[Truth, Ranked], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`hits` of `of`, with the 95 % interval of the share, 0-1."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        if not self.of:
            return None
        share, spread = self.hits / self.of, _Z95**2 / self.of
        middle = (share + spread / 2) / (1 + spread)
        reach = _Z95 / (1 + spread) * sqrt(share * (1 - share) / self.of + spread / (4 * self.of))
        return max(middle - reach, 0.0), min(middle + reach, 1.0)

    def plain(self) -> dict[str, Any]:
        return {"hits": self.hits, "of": self.of, "value": self.value, "interval_95": self.interval}


def hits_component(truth: Truth, one: Ranked) -> bool:
    return any(fnmatchcase(one.component, pattern) for pattern in truth.components)


def hits_cause(truth: Truth, one: Ranked) -> bool:
    return one.cause_code in truth.cause_codes


def hits_both(truth: Truth, one: Ranked) -> bool:
    return hits_component(truth, one) and hits_cause(truth, one)


def hits_change(truth: Truth, one: Ranked) -> bool:
    return one.change_id == truth.change_id


def is_read_as_healthy(result: Result) -> bool:
    """Whether a result blames nothing: the null hypothesis leads or nothing is decided, and no cause is sure."""
    blames = any(one.cause_code != NONE and one.confidence > SURE for one in result.hypotheses)
    leads = result.hypotheses[0].cause_code if result.hypotheses else NONE
    return not blames and (leads == NONE or result.outcome != RANKED)


def figures(results: Sequence[Result], truths: Mapping[str, Truth]) -> dict[str, Any]:
    """Return all figures of results whose truth is known."""
    pairs = [(one, truths[one.id]) for one in results if one.id in truths]
    causes = [(one, truth) for one, truth in pairs if truth.cause_codes and not truth.healthy]
    rankings: Mapping[str, tuple[Hit, list[tuple[Result, Truth]]]] = {
        "component_and_cause": (hits_both, [pair for pair in causes if pair[1].components]),
        "component": (hits_component, [pair for pair in pairs if pair[1].components and not pair[1].healthy]),
        "cause": (hits_cause, causes),
        "change": (hits_change, [pair for pair in pairs if pair[1].change_id]),
    }
    seconds = sorted(one.seconds for one in results)
    return {
        "cases": len(results),
        **{name: _ranking(hit, chosen) for name, (hit, chosen) in rankings.items()},
        "no_change": _no_change(pairs).plain(),
        "abstention": _abstention(pairs),
        "ruled_out_first": _ruled_out_first(pairs).plain(),
        "calibration": calibration(judged(pairs)),
        "citations": _citations(results).plain(),
        "tokens_in": sum(one.tokens_in for one in results),
        "cost_usd": sum(one.cost_usd for one in results),
        "seconds": {"mean": mean(seconds) if seconds else None, "max": seconds[-1] if seconds else None},
    }


def judged(pairs: Iterable[tuple[Result, Truth]]) -> list[tuple[float, bool]]:
    """Return each hypothesis's confidence, and whether it was right, of cases where that can be said."""
    return [
        (one.confidence, one.cause_code == NONE if truth.healthy else hits_both(truth, one))
        for result, truth in pairs
        if truth.healthy or (truth.cause_codes and truth.components)
        for one in result.hypotheses
    ]


def calibration(confidences: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    """Return the expected calibration error, 0-1, and the reliability table it comes from."""
    table = []
    for tenth in range(_TENTHS):
        inside = [pair for pair in confidences if min(int(pair[0] * _TENTHS), _TENTHS - 1) == tenth]
        if inside:
            table.append(
                {
                    "from": tenth / _TENTHS,
                    "to": (tenth + 1) / _TENTHS,
                    "hypotheses": len(inside),
                    "confidence": mean(pair[0] for pair in inside),
                    "right": mean(pair[1] for pair in inside),
                }
            )
    total = sum(row["hypotheses"] for row in table)
    error = sum(row["hypotheses"] * abs(row["confidence"] - row["right"]) for row in table) / total if total else None
    return {"expected_error": error, "reliability": table}


def _ranking(hit: Hit, pairs: Sequence[tuple[Result, Truth]]) -> dict[str, Any]:
    ranks = [
        next((place for place, one in enumerate(result.hypotheses, start=1) if hit(truth, one)), None)
        for result, truth in pairs
    ]
    found: dict[str, Any] = {
        f"a@{depth}": Share(hits=sum(rank is not None and rank <= depth for rank in ranks), of=len(ranks)).plain()
        for depth in DEPTHS
    }
    return {**found, "mrr": mean(1 / rank if rank else 0.0 for rank in ranks) if ranks else None}


def _no_change(pairs: Iterable[tuple[Result, Truth]]) -> Share:
    """Of the cases without a guilty change: how many leading hypotheses blame none."""
    chosen = [result for result, truth in pairs if truth.no_change]
    return Share(hits=sum(not one.hypotheses or one.hypotheses[0].change_id is None for one in chosen), of=len(chosen))


def _abstention(pairs: Iterable[tuple[Result, Truth]]) -> dict[str, Any]:
    """Precision and recall of blaming nothing."""
    read = [
        (is_read_as_healthy(result), truth.healthy) for result, truth in pairs if truth.healthy or truth.cause_codes
    ]
    right = sum(said and healthy for said, healthy in read)
    return {
        "precision": Share(hits=right, of=sum(said for said, _ in read)).plain(),
        "recall": Share(hits=right, of=sum(healthy for _, healthy in read)).plain(),
    }


def _ruled_out_first(pairs: Iterable[tuple[Result, Truth]]) -> Share:
    """How often the leading hypothesis is one that the truth rules out; the fewer the better."""
    chosen = [(result, truth) for result, truth in pairs if truth.ruled_out and result.hypotheses]
    return Share(hits=sum(one.hypotheses[0].cause_code in truth.ruled_out for one, truth in chosen), of=len(chosen))


def _citations(results: Iterable[Result]) -> Share:
    """How many citations name evidence that exists."""
    cited = [(id_, result) for result in results for one in result.hypotheses for id_ in one.evidence]
    return Share(hits=sum(id_ in result.evidence_ids for id_, result in cited), of=len(cited))
