"""Queries over hypotheses, by name."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import aliased

from shared.hypotheses.analysis import StepStatus, StepType
from shared.hypotheses.errors import HypothesisNotFound
from shared.hypotheses.findings import Finding
from shared.hypotheses.judging import CheckOutcome, Judgement, Verdict
from shared.hypotheses.model_candidates import RULES_ALONE
from shared.hypotheses.tables import AnalysisRow, EvidenceRow, HypothesisRow, JudgementRow
from shared.hypotheses.values import CauseCode, Check, Factor, Hypothesis
from shared.incidents.tables import StepRow
from shared.kernel.values import HypothesisId, ProjectId
from shared.platform.runtime import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A published analysis run of an incident, hypotheses by rank, and all that people have said of its causes.

    Number 0: none has been published.
    """

    incident_id: UUID
    number: int
    hypotheses: Sequence[HypothesisRow]
    evidence: Sequence[EvidenceRow]
    scored: StepRow | None
    judgements: Sequence[JudgementRow]


async def get(tx: Tx, project_id: ProjectId, hypothesis_id: HypothesisId) -> HypothesisRow:
    """Return a hypothesis of the project. Raises `HypothesisNotFound`."""
    row = await tx.session.scalar(
        tx.select(HypothesisRow).where(HypothesisRow.project_id == project_id, HypothesisRow.id == hypothesis_id)
    )
    if row is None:
        raise HypothesisNotFound
    return row


async def shown(tx: Tx, incident_id: UUID) -> Run:
    """Return the last run that explains an incident: its own, or that of another which is the same failure."""
    return await latest(tx, await explained_by(tx, incident_id))


async def explained_by(tx: Tx, incident_id: UUID) -> UUID:
    """Return the incident whose runs explain this one: itself, or another which is the same failure."""
    leader_id = await tx.session.scalar(
        select(AnalysisRow.leader_id).where(AnalysisRow.tenant_id == tx.tenant_id, AnalysisRow.id == incident_id)
    )
    return leader_id or incident_id


async def shown_by(tx: Tx, incident_id: UUID) -> Sequence[UUID]:
    """Return the incidents that the runs of one explain, itself among them."""
    rows = await tx.session.scalars(
        select(AnalysisRow.id)
        .where(AnalysisRow.tenant_id == tx.tenant_id, AnalysisRow.leader_id == incident_id)
        .order_by(AnalysisRow.id)
    )
    return rows.all()


async def findings_of(tx: Tx, incident_id: UUID) -> tuple[Finding, ...]:
    """Return what the language model found last of an incident."""
    kept = await tx.session.scalar(
        select(AnalysisRow.findings).where(AnalysisRow.tenant_id == tx.tenant_id, AnalysisRow.id == incident_id)
    )
    return tuple(Finding.of(one) for one in kept or ())


async def keep_findings(tx: Tx, incident_id: UUID, findings: Iterable[Finding]) -> None:
    """Keep what the language model found of an incident, in the place of what it found before."""
    await tx.session.execute(
        update(AnalysisRow)
        .where(AnalysisRow.tenant_id == tx.tenant_id, AnalysisRow.id == incident_id)
        .values(findings=[asdict(one) for one in findings])
        .execution_options(synchronize_session=False)
    )


async def latest(tx: Tx, incident_id: UUID) -> Run:
    """Return the last run that was published of an incident."""
    number = await last_run(tx, incident_id)
    hypotheses = await tx.session.scalars(
        tx.select(HypothesisRow)
        .where(HypothesisRow.incident_id == incident_id, HypothesisRow.run == number)
        .order_by(HypothesisRow.rank)
    )
    evidence = await tx.session.scalars(
        tx.select(EvidenceRow)
        .where(EvidenceRow.incident_id == incident_id, EvidenceRow.run == number)
        .order_by(EvidenceRow.id)
    )
    scored = await tx.session.scalar(
        tx.select(StepRow).where(
            StepRow.incident_id == incident_id,
            StepRow.run == number,
            StepRow.step_type == StepType.HYPOTHESES_SCORED.value,
        )
    )
    return Run(
        incident_id=incident_id,
        number=number,
        hypotheses=hypotheses.all(),
        evidence=evidence.all(),
        scored=scored,
        judgements=await judgements_of(tx, incident_id),
    )


async def last_run(tx: Tx, incident_id: UUID) -> int:
    """Return the number of the last run that was published, 0 where none was."""
    found = await tx.session.scalar(
        select(func.max(StepRow.run)).where(
            StepRow.tenant_id == tx.tenant_id,
            StepRow.incident_id == incident_id,
            StepRow.step_type == StepType.PUBLISHED.value,
            StepRow.status == StepStatus.COMPLETED.value,
        )
    )
    return found or 0


async def turned_to_model(tx: Tx, incident_ids: Collection[UUID]) -> bool:
    """Whether a published run of any of these has turned to the language model, whatever came of it."""
    published = aliased(StepRow)
    same_run = and_(
        published.tenant_id == StepRow.tenant_id,
        published.incident_id == StepRow.incident_id,
        published.run == StepRow.run,
        published.step_type == StepType.PUBLISHED.value,
        published.status == StepStatus.COMPLETED.value,
    )
    found = await tx.session.scalar(
        select(StepRow.id)
        .join(published, same_run)
        .where(
            StepRow.tenant_id == tx.tenant_id,
            StepRow.incident_id.in_(incident_ids),
            StepRow.step_type == StepType.CANDIDATES_GENERATED.value,
            StepRow.detail["model"]["why"].astext.is_distinct_from(RULES_ALONE.detail["why"]),
        )
        .limit(1)
    )
    return found is not None


async def judgements_of(tx: Tx, incident_id: UUID) -> Sequence[JudgementRow]:
    """Return all that people have said of the causes of an incident, in the order they began to."""
    rows = await tx.session.scalars(
        tx.select(JudgementRow).where(JudgementRow.incident_id == incident_id).order_by(JudgementRow.id)
    )
    return rows.all()


def judgement_of(row: JudgementRow) -> Judgement:
    """What a row means for the score."""
    return Judgement(
        component=row.component,
        cause_code=CauseCode(row.cause_code),
        check=CheckOutcome(row.check_outcome) if row.check_outcome else None,
        verdict=Verdict(row.verdict) if row.verdict else None,
    )


def hypothesis_of(row: HypothesisRow) -> Hypothesis:
    """A stored hypothesis as the score knows it."""
    return Hypothesis(
        rank=row.rank,
        component=row.component,
        cause_code=CauseCode(row.cause_code),
        change_id=row.change_id,
        claim=row.claim,
        description=row.description,
        confidence=row.confidence_score,
        factors=tuple(Factor(**{**factor, "evidence": tuple(factor["evidence"])}) for factor in row.factors),
        evidence_for=tuple(row.evidence_for),
        evidence_against=tuple(row.evidence_against),
        check=Check(**row.check_to_make),
        source=row.source,
    )
