"""The first phase of a run: all that may be cited."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.hypotheses import evidence, store
from shared.hypotheses.analysis import Phases, StepType
from shared.hypotheses.assembling import assemble_case
from shared.hypotheses.judging import Judgement
from shared.hypotheses.running import Begun, Transact
from shared.hypotheses.values import Case, Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What a run goes by: the case, its evidence, and what people have said of its causes."""

    case: Case
    evidence: tuple[Evidence, ...]
    judgements: Sequence[Judgement]


async def gather(transact: Transact, run: Begun, phases: Phases) -> Gathered:
    """Gather what is known of a run's incident. Raises `IncidentNotFound`."""
    async with phases.phase(StepType.EVIDENCE_COLLECTED) as detail:
        async with transact() as tx:
            case = await assemble_case(tx, run.incident_id)
            said = await store.judgements_of(tx, run.incident_id)
        found = evidence.collect(case)
        detail.update(evidence=len(found), gaps=list(case.gaps))
    return Gathered(case=case, evidence=found, judgements=[store.judgement_of(row) for row in said])
