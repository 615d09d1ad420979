"""Store what an analysis found."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from shared.hypotheses import running, store
from shared.hypotheses.analysis import Analysis, Step, StepStatus, StepType
from shared.hypotheses.events import HypothesisGenerated
from shared.hypotheses.running import Begun
from shared.hypotheses.scoring import rescore
from shared.hypotheses.store import Run
from shared.hypotheses.tables import EvidenceRow, HypothesisRow
from shared.hypotheses.values import Outcome, Series
from shared.incidents import store as incidents
from shared.kernel.values import ProjectId
from shared.platform.faults import fault
from shared.platform.runtime import Tx


async def publish(tx: Tx, run: Begun, analysis: Analysis) -> None:
    """Store what a run found, weighed with what people say by now, and tell of it. Raises `IncidentNotFound`."""
    incident_id = run.incident_id
    incident = await incidents.lock(tx, incident_id)
    project_id = ProjectId(incident.project_id)
    before = await store.latest(tx, incident_id)
    outcome = rescore(analysis.outcome, [store.judgement_of(row) for row in before.judgements])
    for item in analysis.evidence:
        tx.session.add(
            EvidenceRow(
                tenant_id=tx.tenant_id,
                id=tx.ids.new(),
                incident_id=incident_id,
                run=run.number,
                code=item.id,
                kind=item.kind.value,
                component=item.component,
                at=item.at,
                text=item.text,
                numbers=dict(item.numbers),
                alert_ids=list(item.alert_ids),
                weight=item.weight,
                change_id=item.change_id,
                query=item.query,
                series=_series(item.series),
            )
        )
    for found in outcome.hypotheses:
        tx.session.add(
            HypothesisRow(
                tenant_id=tx.tenant_id,
                id=tx.ids.new(),
                project_id=project_id,
                incident_id=incident_id,
                run=run.number,
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
    if analysis.findings is not None:
        await store.keep_findings(tx, incident_id, analysis.findings)
    await running.tell(
        tx,
        run,
        Step(
            type=StepType.PUBLISHED,
            status=StepStatus.COMPLETED,
            started_at=tx.now,
            finished_at=tx.now,
            detail={"hypotheses": len(outcome.hypotheses)},
        ),
    )
    await running.end(tx, run, project_id)
    await tx.session.flush()
    fault("hypotheses.before_commit")
    tx.record(generated(project_id, before, outcome, run.together))


def generated(project_id: ProjectId, before: Run, outcome: Outcome, together: Iterable[UUID]) -> HypothesisGenerated:
    """The event that an incident's hypotheses are others now than in a run `before`, for all that show them."""
    led = next((_named(row.component, row.cause_code) for row in before.hypotheses), None)
    leads = next((_named(one.component, one.cause_code) for one in outcome.hypotheses), None)
    return HypothesisGenerated(
        project_id=project_id,
        subject_id=before.incident_id,
        incident_id=before.incident_id,
        data={
            "incident_id": before.incident_id,
            "count": len(outcome.hypotheses),
            "together": [str(one) for one in together],
        },
        changes={"lead": (led, leads)} if led != leads else {},
    )


def _named(component: str, cause_code: str) -> str:
    """What leads a run, in words."""
    return f"{cause_code} of {component}"


def _series(series: Series | None) -> dict[str, Any] | None:
    """A course as tables hold it."""
    if series is None:
        return None
    return {"unit": series.unit, "points": [[at.isoformat(), value] for at, value in series.points]}
