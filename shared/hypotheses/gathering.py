"""The first phase of a run: all that may be cited."""

from shared.hypotheses import evidence, store
from shared.hypotheses.analysis import Gathered, Phases, StepType
from shared.hypotheses.assembling import assemble_case
from shared.hypotheses.running import Begun, Transact


async def gather(transact: Transact, run: Begun, phases: Phases) -> Gathered:
    """Gather what is known of a run's incident. Raises `IncidentNotFound`."""
    async with phases.phase(StepType.EVIDENCE_COLLECTED) as detail:
        async with transact() as tx:
            case = await assemble_case(tx, run.incident_id)
            said = await store.judgements_of(tx, run.incident_id)
            findings = await store.findings_of(tx, run.incident_id)
        found = evidence.collect(case)
        detail.update(evidence=len(found), gaps=list(case.gaps))
    judgements = [store.judgement_of(row) for row in said]
    return Gathered(case=case, evidence=found, judgements=judgements, findings=findings)
