"""Hypotheses on the wire."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, FiniteFloat, StrictBool

from shared.hypotheses.judging import CheckOutcome, Verdict
from shared.hypotheses.store import Run
from shared.hypotheses.tables import EvidenceRow, HypothesisRow, JudgementRow, ObservationRow
from shared.hypotheses.values import CauseCode, EvidenceKind, OutcomeKind
from shared.platform.wire import Instant, Line, Page, Time, Wire, no_nul


class SeriesIn(Wire):
    """A measured course: `points` are pairs of a time and a number, in any order."""

    unit: Annotated[Line, Field(max_length=64)] = ""
    points: Annotated[list[tuple[Instant, FiniteFloat]], Field(min_length=1, max_length=2_000)]


class ObservationIn(Wire):
    """Something seen: lines of a log, an event, a state, a trace, a measurement. No component: the incident's."""

    kind: Literal["metric", "log", "event", "trace", "note"]
    component: Annotated[Line, Field(max_length=253)] = ""
    at: Instant
    title: Annotated[Line, Field(min_length=1, max_length=500)]
    text: Annotated[str, AfterValidator(no_nul), Field(max_length=65_536)] = ""
    series: SeriesIn | None = None


class EvidenceIn(Wire):
    items: Annotated[list[ObservationIn], Field(min_length=1, max_length=200)]


class GenerateIn(Wire):
    """`refresh`: also where there are hypotheses already, by asking the language model anew."""

    refresh: StrictBool = False


class AddedOut(Wire):
    """How many were added, and how many the incident had already."""

    added: int
    known: int


class ObservationOut(Wire):
    """Something that was seen, as it was sent. `created_by` is who sent it."""

    id: UUID
    kind: EvidenceKind
    component: str
    at: Time
    title: str
    text: str
    series: dict[str, Any] | None
    created_at: Time
    created_by: str

    @classmethod
    def of(cls, row: ObservationRow) -> Self:
        return cls(
            id=row.id,
            kind=EvidenceKind(row.kind),
            component=row.component,
            at=row.at,
            title=row.title,
            text=row.text,
            series=row.series,
            created_at=row.created_at,
            created_by=row.created_by,
        )


class SeriesOut(Wire):
    """A measured course: `points` are pairs of a time and a number, in order of time."""

    unit: str
    points: list[tuple[Time, float]]


class EvidenceOut(Wire):
    """One citable item of a run. `id` is its name there: E1, E2, …

    `weight` in 0-1 is how far it still counts: less where it is long past, denied by a later state, or small. Of a
    measure, `series` is its course in at most 60 points, and `query` the PromQL that shows it again.
    """

    id: str
    kind: EvidenceKind
    component: str
    at: Time
    text: str
    numbers: dict[str, float]
    weight: float
    change_id: str | None
    query: str | None
    series: SeriesOut | None

    @classmethod
    def of(cls, row: EvidenceRow) -> Self:
        return cls(
            id=row.code,
            kind=EvidenceKind(row.kind),
            component=row.component,
            at=row.at,
            text=row.text,
            numbers=row.numbers,
            weight=row.weight,
            change_id=row.change_id,
            query=row.query,
            series=SeriesOut.model_validate(row.series) if row.series else None,
        )


class CitedOut(EvidenceOut):
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


class CheckMadeIn(Wire):
    outcome: CheckOutcome


class VerdictIn(Wire):
    """What people decide about a cause. A rejection needs its reason."""

    verdict: Verdict
    reason: Annotated[Line, Field(max_length=2_000)] = ""


class CheckMadeOut(Wire):
    """What the check has shown, as somebody told."""

    outcome: CheckOutcome
    at: Time
    by: str

    @classmethod
    def of(cls, row: JudgementRow) -> Self | None:
        if row.check_outcome is None or row.checked_at is None:
            return None
        return cls(outcome=CheckOutcome(row.check_outcome), at=row.checked_at, by=row.checked_by)


class VerdictOut(Wire):
    """What people have decided about a cause."""

    verdict: Verdict
    reason: str
    at: Time
    by: str

    @classmethod
    def of(cls, row: JudgementRow) -> Self | None:
        if row.verdict is None or row.decided_at is None:
            return None
        return cls(verdict=Verdict(row.verdict), reason=row.reason, at=row.decided_at, by=row.decided_by)


class JudgementOut(Wire):
    """What people have said of one cause of the incident, whether or not the last run still proposes it."""

    component: str
    cause_code: CauseCode
    claim: str
    checked: CheckMadeOut | None
    verdict: VerdictOut | None

    @classmethod
    def of(cls, row: JudgementRow) -> Self:
        return cls(
            component=row.component,
            cause_code=CauseCode(row.cause_code),
            claim=row.claim,
            checked=CheckMadeOut.of(row),
            verdict=VerdictOut.of(row),
        )


class HypothesisOut(Wire):
    """A ranked explanation. `source` is the generator that proposed it; `checked` and `verdict` are what people say."""

    id: UUID
    rank: int
    component: str
    cause_code: CauseCode
    change_id: str | None
    claim: str
    description: str
    confidence_score: float
    evidence: list[CitedOut]
    factors: list[FactorOut]
    check: CheckOut
    source: str
    checked: CheckMadeOut | None
    verdict: VerdictOut | None
    created_at: Time

    @classmethod
    def of(cls, row: HypothesisRow, evidence: Mapping[str, EvidenceRow], judgement: JudgementRow | None) -> Self:
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
            evidence=[CitedOut(**dict(EvidenceOut.of(evidence[code])), stance=stance) for code, stance in cited],
            factors=[FactorOut.model_validate(factor) for factor in row.factors],
            check=CheckOut.model_validate(row.check_to_make),
            source=row.source,
            checked=CheckMadeOut.of(judgement) if judgement else None,
            verdict=VerdictOut.of(judgement) if judgement else None,
            created_at=row.created_at,
        )


class LeadOut(Wire):
    """The strongest cause of an inconclusive run."""

    component: str
    cause_code: CauseCode
    claim: str
    confidence_score: float


class RuledOutOut(Wire):
    """A cause that was considered and not kept."""

    component: str
    cause_code: CauseCode
    reason: str


class HypothesesOut(Page[HypothesisOut]):
    """The last run that explains an incident: its own, or that of another which is the same failure.

    `analysed_incident_id` is the one whose run it is. Run 0 with no outcome: the analysis has not finished yet.
    `lead` is set when it is inconclusive.

    `evidence` is all that the run had, cited or not; `judgements` is all that people have said, of any run.
    """

    incident_id: UUID
    analysed_incident_id: UUID
    run: int
    outcome: OutcomeKind | None
    lead: LeadOut | None
    ruled_out: list[RuledOutOut]
    evidence: list[EvidenceOut]
    judgements: list[JudgementOut]

    @classmethod
    def of(cls, incident_id: UUID, run: Run) -> Self:
        by_code = {item.code: item for item in run.evidence}
        said = {(row.component, row.cause_code): row for row in run.judgements}
        detail = run.scored.detail if run.scored else {}
        return cls(
            items=[HypothesisOut.of(row, by_code, said.get((row.component, row.cause_code))) for row in run.hypotheses],
            incident_id=incident_id,
            analysed_incident_id=run.incident_id,
            run=run.number,
            outcome=OutcomeKind(detail["outcome"]) if run.scored else None,
            lead=detail.get("lead"),
            ruled_out=detail.get("ruled_out", []),
            evidence=[EvidenceOut.of(row) for row in run.evidence],
            judgements=[JudgementOut.of(row) for row in run.judgements],
        )
