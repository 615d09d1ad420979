"""POST /api/hypotheses/{hypothesis_id}/verdict"""

from functions.http import Call, endpoint
from shared.hypotheses import judgements
from shared.hypotheses.errors import HypothesisNotFound, ReasonNeeded
from shared.hypotheses.schemas import HypothesesOut, VerdictIn
from shared.kernel.values import HypothesisId, Permission


@endpoint(
    "POST",
    "hypotheses/{hypothesis_id}/verdict",
    needs=Permission.HYPOTHESIS_WRITE,
    body=VerdictIn,
    returns=HypothesesOut,
    raises=(HypothesisNotFound, ReasonNeeded),
)
async def judge_hypothesis(call: Call[VerdictIn, None], hypothesis_id: HypothesisId) -> HypothesesOut:
    """Confirm a hypothesis as the root cause, in the place of any other; or reject it, with a reason."""
    async with call.transaction() as tx:
        run = await judgements.give_verdict(tx, call.project_id, hypothesis_id, call.body)
    return HypothesesOut.of(run.incident_id, run)
