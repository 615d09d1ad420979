"""Evidence as the rules read it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from shared.hypotheses.knowledge.measures import read_measure
from shared.hypotheses.knowledge.signatures import read
from shared.hypotheses.knowledge.wording import Signature
from shared.hypotheses.values import Alert, Case, CauseCode, Evidence, EvidenceKind
from shared.services.graph import Calls, downstream

TROUBLE: Final = 0.3
"""From this strength on, what was seen of a component is trouble."""

DENIED: Final = 0.4
"""What an alert still counts when all that was seen of its component since is well."""

OBSERVED: Final = frozenset(
    {EvidenceKind.METRIC, EvidenceKind.LOG, EvidenceKind.EVENT, EvidenceKind.TRACE, EvidenceKind.NOTE}
)
_SPOKEN: Final = OBSERVED | {EvidenceKind.ALERT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An item with the alerts behind it and what its wording says; `weight` in 0-1 is how far that counts."""

    item: Evidence
    alerts: tuple[Alert, ...]
    signatures: tuple[Signature, ...]
    weight: float

    def best(self, code: CauseCode) -> Signature | None:
        """The signature that points most strongly at a cause; of equals the one that points at fewest others."""
        pointing = (signature for signature in self.signatures if code in signature.points)
        return max(pointing, key=lambda signature: (signature.points[code], -len(signature.points)), default=None)

    def strength(self, code: CauseCode) -> float:
        """How strongly the item points at a cause, 0-1."""
        signature = self.best(code)
        if signature is None:
            return 0.0
        return signature.points[code] * (1.0 if code is CauseCode.NONE else self.weight)

    @property
    def trouble(self) -> float:
        """How strongly the item points at any cause, 0-1."""
        codes = {code for signature in self.signatures for code in signature.points} - {CauseCode.NONE}
        return max((self.strength(code) for code in codes), default=0.0)

    @property
    def is_harmless(self) -> bool:
        """Whether the item is over, denied, or harmless by its own words."""
        return self.weight < 1 - DENIED or self.resolved >= 1 or self.strength(CauseCode.NONE) > self.trouble

    @property
    def is_observed(self) -> bool:
        """Whether somebody or something looked, beside the alerts."""
        return self.item.kind in OBSERVED and "gap" not in self.item.numbers

    def contradicts(self, code: CauseCode) -> bool:
        """Whether the wording speaks against a cause."""
        return any(code in signature.against for signature in self.signatures)

    @property
    def resolved(self) -> float:
        """The share of the alerts behind it that are resolved, 0-1; 0 when there are none."""
        return sum(alert.resolved for alert in self.alerts) / max(len(self.alerts), 1)


def interpret(case: Case, evidence: Iterable[Evidence]) -> tuple[Reading, ...]:
    """Every item as the rules read it, in the same order."""
    alerts = {alert.id: alert for alert in case.alerts}
    readings = [
        Reading(
            item=item,
            alerts=tuple(alerts[id_] for id_ in item.alert_ids),
            signatures=_signatures(item),
            weight=item.weight,
        )
        for item in evidence
    ]
    return tuple(_denied(readings, case.calls))


def _signatures(item: Evidence) -> tuple[Signature, ...]:
    if item.weight == 0 or item.kind not in _SPOKEN:
        return ()
    is_measured = item.kind is EvidenceKind.METRIC and "score" in item.numbers
    return _consistent(read_measure(item.text) if is_measured else read(item.text))


def _consistent(signatures: Sequence[Signature]) -> tuple[Signature, ...]:
    """A text that speaks against a cause does not point at it, whatever else its words may mean."""
    denied = {code for one in signatures for code in one.against}
    if not denied:
        return tuple(signatures)
    kept = [
        replace(one, points={code: value for code, value in one.points.items() if code not in denied})
        for one in signatures
    ]
    return tuple(one for one in kept if one.points or one.against)


def _denied(readings: Sequence[Reading], calls: Calls) -> list[Reading]:
    """An alert about what has been looked at since, and is well together with all that it needs, counts less."""
    well = {one.item.component for one in readings if one.item.numbers.get("well", 0)}
    troubled = {one.item.component for one in readings if one.is_observed and one.trouble >= TROUBLE}
    return [
        replace(one, weight=min(one.weight, DENIED))
        if one.alerts
        and one.item.component in well
        and not {one.item.component, *downstream(calls, one.item.component)} & troubled
        else one
        for one in readings
    ]
