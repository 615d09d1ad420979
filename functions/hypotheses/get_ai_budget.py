"""GET /api/analytics/ai/budget"""

from functions.http import Call, endpoint
from shared.hypotheses import ai_usage
from shared.hypotheses.ai_schemas import BudgetOut
from shared.kernel.values import Permission


@endpoint("GET", "analytics/ai/budget", needs=Permission.HYPOTHESIS_READ, returns=BudgetOut)
async def get_ai_budget(call: Call[None, None]) -> BudgetOut:
    """Return what the tenant may spend on the language model this month, and what the caller's project has spent.

    The tenant's owner sees what each project has.
    """
    async with call.transaction() as tx:
        return await ai_usage.budget_of(tx, call.runtime.settings.ai_monthly_budget)
