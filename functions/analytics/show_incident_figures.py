"""GET /api/analytics/incidents"""

from functions.http import Call, endpoint
from shared.analytics import figures
from shared.analytics.errors import BadRange
from shared.analytics.schemas import FiguresOut, FiguresQuery
from shared.kernel.values import Permission


@endpoint(
    "GET",
    "analytics/incidents",
    needs=Permission.INCIDENT_READ,
    query=FiguresQuery,
    returns=FiguresOut,
    raises=(BadRange,),
    cached=True,
)
async def show_incident_figures(call: Call[None, FiguresQuery]) -> FiguresOut:
    """Count the project's incidents, and say how long people and the machine took, how noisy it was, and for whom."""
    async with call.transaction() as tx:
        return await figures.show(tx, call.project_id, call.query)
