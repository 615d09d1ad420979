"""POST /api/hypotheses/{hypothesis_id}/check"""

from functions.http import Call, endpoint
from shared.hypotheses import judgements
from shared.hypotheses.errors import HypothesisNotFound
from shared.hypotheses.schemas import CheckMadeIn, HypothesesOut
from shared.kernel.values import HypothesisId, Permission


@endpoint(
    "POST",
    "hypotheses/{hypothesis_id}/check",
    needs=Permission.HYPOTHESIS_WRITE,
    body=CheckMadeIn,
    returns=HypothesesOut,
    raises=(HypothesisNotFound,),
)
async def check_hypothesis(call: Call[CheckMadeIn, None], hypothesis_id: HypothesisId) -> HypothesesOut:
    """Tell what the check of a hypothesis has shown. The last run is ranked anew at once, without any model."""
    async with call.transaction() as tx:
        run = await judgements.tell_check(tx, call.project_id, hypothesis_id, call.body)
    return HypothesesOut.of(run.incident_id, run)
