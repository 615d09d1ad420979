"""GET /api/analytics/ai/export"""

from functions.http import Call, File, endpoint
from shared.access.errors import ProjectNotFound
from shared.hypotheses import ai_usage
from shared.hypotheses.ai_schemas import UsageExportQuery
from shared.kernel.values import Permission


@endpoint(
    "GET",
    "analytics/ai/export",
    needs=Permission.HYPOTHESIS_READ,
    query=UsageExportQuery,
    returns=File,
    raises=(ProjectNotFound,),
)
async def export_ai_usage(call: Call[None, UsageExportQuery]) -> File:
    """Give the language model's use by day or by model as a CSV file to save."""
    async with call.transaction() as tx:
        found = await ai_usage.usage(tx, call.project_id, call.query.days)
    return File(ai_usage.exported(found, call.query.of), "text/csv", name=f"ai-{call.query.of}.csv")
