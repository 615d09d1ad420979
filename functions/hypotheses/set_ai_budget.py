"""PUT /api/analytics/ai/budget"""

from functions.http import Call, endpoint
from shared.hypotheses import ai_usage
from shared.hypotheses.ai_schemas import BudgetIn, BudgetOut
from shared.kernel.errors import StaleVersion
from shared.kernel.values import Permission


@endpoint(
    "PUT",
    "analytics/ai/budget",
    needs=Permission.TENANT_WRITE,
    body=BudgetIn,
    returns=BudgetOut,
    raises=(StaleVersion,),
)
async def set_ai_budget(call: Call[BudgetIn, None]) -> BudgetOut:
    """Set what the tenant may spend on the language model in a month; 0 leaves it to the rules alone."""
    default = call.runtime.settings.ai_monthly_budget
    async with call.transaction() as tx:
        return await ai_usage.set_budget(tx, call.project_id, call.body, default=default, expected=call.if_match)
