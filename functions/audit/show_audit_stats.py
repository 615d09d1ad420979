"""GET /api/audit/stats"""

from functions.http import Call, endpoint
from shared.audit.days import BadDays
from shared.audit.schemas import DaysQuery, StatsOut
from shared.audit.stats import stats
from shared.kernel.values import Permission
from shared.platform.table_store import TablesAway


@endpoint(
    "GET",
    "audit/stats",
    needs=Permission.AUDIT_READ,
    query=DaysQuery,
    returns=StatsOut,
    raises=(BadDays, TablesAway),
)
async def show_audit_stats(call: Call[None, DaysQuery]) -> StatsOut:
    """Sum up who did what on which days, how much was refused or failed, and what somebody did for the first time."""
    return await stats(call.runtime, call.actor, call.query)
