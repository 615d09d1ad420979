"""The first phase of a run: all that may be cited."""

import asyncio

from shared.hypotheses import evidence, live, store
from shared.hypotheses.analysis import Gathered, Phases, StepType
from shared.hypotheses.assembling import assemble_case
from shared.hypotheses.running import Begun, Transact
from shared.platform.runtime import Runtime


async def gather(runtime: Runtime, transact: Transact, run: Begun, phases: Phases) -> Gathered:
    """Gather what is known of a run's incident, here and where its project measures. Raises `IncidentNotFound`."""
    async with phases.phase(StepType.EVIDENCE_COLLECTED) as detail:
        async with transact() as tx:
            case = await assemble_case(tx, run.incident_id)
            said = await store.judgements_of(tx, run.incident_id)
            findings = await store.findings_of(tx, run.incident_id)
            sources = await live.sources(tx, run.incident_id)
        case = await live.measured(runtime, sources, case)
        found = await asyncio.to_thread(evidence.collect, case)  # seconds of a flood, beside others' runs
        detail.update(evidence=len(found), gaps=list(case.gaps))
    judgements = [store.judgement_of(row) for row in said]
    return Gathered(case=case, evidence=found, judgements=judgements, findings=findings)
