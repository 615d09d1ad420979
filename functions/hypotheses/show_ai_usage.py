"""GET /api/analytics/ai"""

from functions.http import Call, endpoint
from shared.access.errors import ProjectNotFound
from shared.hypotheses import ai_usage
from shared.hypotheses.ai_schemas import UsageOut, UsageQuery
from shared.kernel.values import Permission


@endpoint(
    "GET",
    "analytics/ai",
    needs=Permission.HYPOTHESIS_READ,
    query=UsageQuery,
    returns=UsageOut,
    raises=(ProjectNotFound,),
)
async def show_ai_usage(call: Call[None, UsageQuery]) -> UsageOut:
    """Say what the language model did for the project: tokens, cost, latency, and how often no call was needed."""
    async with call.transaction() as tx:
        return await ai_usage.usage(tx, call.project_id, call.query.days)
