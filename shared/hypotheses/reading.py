"""Evidence as the rules read it."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.hypotheses.knowledge.signatures import read
from shared.hypotheses.knowledge.wording import Signature
from shared.hypotheses.values import Alert, Case, CauseCode, Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An item together with the alerts behind it and what its wording says."""

    item: Evidence
    alerts: tuple[Alert, ...]
    signatures: tuple[Signature, ...]

    def best(self, code: CauseCode) -> Signature | None:
        """The signature that points most strongly at a cause; of equals the one that points at fewest others."""
        pointing = (signature for signature in self.signatures if code in signature.points)
        return max(pointing, key=lambda signature: (signature.points[code], -len(signature.points)), default=None)

    def strength(self, code: CauseCode) -> float:
        """How strongly the wording points at a cause, 0-1."""
        signature = self.best(code)
        return signature.points[code] if signature else 0.0

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
    return tuple(
        Reading(item=item, alerts=tuple(alerts[id_] for id_ in item.alert_ids), signatures=read(item.text))
        for item in evidence
    )
