"""Store what an analysis found."""

from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select

from shared.hypotheses import store
from shared.hypotheses.analysis import Analysis, Step, StepType
from shared.hypotheses.events import HypothesisGenerated
from shared.hypotheses.tables import EvidenceRow, HypothesisRow
from shared.incidents import store as incidents
from shared.incidents.tables import IncidentRow, StepRow
from shared.kernel.values import ProjectId
from shared.platform.faults import fault
from shared.platform.runtime import Tx


async def is_automatic(tx: Tx, project_id: ProjectId, incident_id: UUID) -> bool:
    """Whether an incident is analysed by itself: as its project's policy says, unless it is part of another by now."""
    merged_into = await tx.session.scalar(
        select(IncidentRow.merged_into).where(IncidentRow.tenant_id == tx.tenant_id, IncidentRow.id == incident_id)
    )
    return merged_into is None and (await incidents.policy(tx, project_id)).auto_analyse


async def publish(tx: Tx, incident_id: UUID, analysis: Analysis) -> None:
    """Store an analysis as the incident's next run, and say so. Raises `IncidentNotFound`."""
    incident = await incidents.lock(tx, incident_id)
    project_id = ProjectId(incident.project_id)
    run = 1 + await store.last_run(tx, incident_id)
    for item in analysis.evidence:
        tx.session.add(
            EvidenceRow(
                tenant_id=tx.tenant_id,
                id=tx.ids.new(),
                incident_id=incident_id,
                run=run,
                code=item.id,
                kind=item.kind.value,
                component=item.component,
                at=item.at,
                text=item.text,
                numbers=dict(item.numbers),
                alert_ids=list(item.alert_ids),
                weight=item.weight,
                change_id=item.change_id,
            )
        )
    for found in analysis.outcome.hypotheses:
        tx.session.add(
            HypothesisRow(
                tenant_id=tx.tenant_id,
                id=tx.ids.new(),
                project_id=project_id,
                incident_id=incident_id,
                run=run,
                rank=found.rank,
                component=found.component,
                cause_code=found.cause_code.value,
                change_id=found.change_id,
                claim=found.claim,
                description=found.description,
                confidence_score=found.confidence,
                factors=[asdict(factor) for factor in found.factors],
                evidence_for=list(found.evidence_for),
                evidence_against=list(found.evidence_against),
                check_to_make=asdict(found.check),
                source=found.source,
                created_at=tx.now,
            )
        )
    count = len(analysis.outcome.hypotheses)
    published = Step(type=StepType.PUBLISHED, started_at=tx.now, finished_at=tx.now, detail={"hypotheses": count})
    for step in (*analysis.steps, published):
        tx.session.add(_step_row(tx, incident_id, run, step))
    await tx.session.flush()
    fault("hypotheses.before_commit")
    tx.record(
        HypothesisGenerated(
            project_id=project_id,
            subject_id=incident_id,
            incident_id=incident_id,
            data={"incident_id": incident_id, "count": count},
        )
    )


def _step_row(tx: Tx, incident_id: UUID, run: int, step: Step) -> StepRow:
    return StepRow(
        tenant_id=tx.tenant_id,
        id=tx.ids.new(),
        incident_id=incident_id,
        run=run,
        step_type=step.type.value,
        status="completed",
        started_at=step.started_at,
        finished_at=step.finished_at,
        detail=step.detail,
    )
