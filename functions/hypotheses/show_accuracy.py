"""GET /api/analytics/accuracy"""

from functions.http import Call, endpoint
from shared.hypotheses.accuracy_schemas import AccuracyOut, AccuracyQuery
from shared.hypotheses.track_record import track_record
from shared.kernel.values import Permission


@endpoint("GET", "analytics/accuracy", needs=Permission.HYPOTHESIS_READ, query=AccuracyQuery, returns=AccuracyOut)
async def show_accuracy(call: Call[None, AccuracyQuery]) -> AccuracyOut:
    """Say how good the project's hypotheses were, by people's verdicts, and of how many nobody knows."""
    async with call.transaction() as tx:
        return await track_record(tx, call.project_id, call.query)
