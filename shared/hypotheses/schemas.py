"""Hypotheses on the wire."""

from collections.abc import Sequence
from typing import Any, Literal, Self
from uuid import UUID

from shared.hypotheses.tables import EvidenceRow, HypothesisRow
from shared.hypotheses.values import CauseCode, EvidenceKind, OutcomeKind
from shared.incidents.tables import StepRow
from shared.platform.wire import Page, Time, Wire


class EvidenceOut(Wire):
    """`id` is the evidence's name within the run: E1, E2, …"""

    id: str
    kind: EvidenceKind
    component: str
    at: Time
    text: str
    numbers: dict[str, float]
    stance: Literal["for", "against"]


class FactorOut(Wire):
    """One term of the score: `contribution` is `weight` times `value`; all of them add up to the confidence."""

    name: str
    weight: float
    value: float
    contribution: float
    evidence: list[str]
    why: str


class CheckOut(Wire):
    """One thing to look at that could refute the hypothesis, and what each result means."""

    instruction: str
    command: str | None
    supports: str
    refutes: str


class HypothesisOut(Wire):
    id: UUID
    rank: int
    component: str
    cause_code: CauseCode
    change_id: str | None
    claim: str
    description: str
    confidence_score: float
    evidence: list[EvidenceOut]
    factors: list[FactorOut]
    check: CheckOut
    created_at: Time

    @classmethod
    def of(cls, row: HypothesisRow, evidence: dict[str, EvidenceRow]) -> Self:
        cited: list[tuple[str, Literal["for", "against"]]] = [
            *((code, "for") for code in row.evidence_for),
            *((code, "against") for code in row.evidence_against),
        ]
        return cls(
            id=row.id,
            rank=row.rank,
            component=row.component,
            cause_code=CauseCode(row.cause_code),
            change_id=row.change_id,
            claim=row.claim,
            description=row.description,
            confidence_score=row.confidence_score,
            evidence=[_evidence(evidence[code], stance) for code, stance in cited],
            factors=[FactorOut.model_validate(factor) for factor in row.factors],
            check=CheckOut.model_validate(row.check_to_make),
            created_at=row.created_at,
        )


class HypothesesOut(Page[HypothesisOut]):
    """The last run. Run 0 with no outcome: the analysis has not finished yet. `lead` is set when it is inconclusive."""

    incident_id: UUID
    run: int
    outcome: OutcomeKind | None
    lead: dict[str, Any] | None
    ruled_out: list[dict[str, Any]]

    @classmethod
    def of_run(
        cls,
        incident_id: UUID,
        run: int,
        hypotheses: Sequence[HypothesisRow],
        evidence: Sequence[EvidenceRow],
        scored: StepRow | None,
    ) -> Self:
        by_code = {item.code: item for item in evidence}
        detail = scored.detail if scored else {}
        return cls(
            items=[HypothesisOut.of(row, by_code) for row in hypotheses],
            incident_id=incident_id,
            run=run,
            outcome=OutcomeKind(detail["outcome"]) if scored else None,
            lead=detail.get("lead"),
            ruled_out=detail.get("ruled_out", []),
        )


def _evidence(row: EvidenceRow, stance: Literal["for", "against"]) -> EvidenceOut:
    return EvidenceOut(
        id=row.code,
        kind=EvidenceKind(row.kind),
        component=row.component,
        at=row.at,
        text=row.text,
        numbers=row.numbers,
        stance=stance,
    )
