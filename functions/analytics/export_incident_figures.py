"""GET /api/analytics/incidents/export"""

from functions.http import Call, File, endpoint
from shared.analytics import figures
from shared.analytics.errors import BadRange
from shared.analytics.export import exported
from shared.analytics.schemas import ExportQuery
from shared.kernel.values import Permission


@endpoint(
    "GET",
    "analytics/incidents/export",
    needs=Permission.INCIDENT_READ,
    query=ExportQuery,
    returns=File,
    raises=(BadRange,),
)
async def export_incident_figures(call: Call[None, ExportQuery]) -> File:
    """Give one table of the figures as a CSV file to save; that of services has all of them."""
    async with call.transaction() as tx:
        found = await figures.show(tx, call.project_id, call.query, all_services=True)
    return File(exported(found, call.query.of), "text/csv", name=f"incidents-{call.query.of}.csv")
