"""GET /api/audit/calls"""

from functions.http import Call, endpoint
from shared.audit.schemas import AuditQuery, CallOut
from shared.audit.searching import search_calls
from shared.kernel.values import Permission
from shared.platform.paging import BadCursor
from shared.platform.table_store import TablesAway
from shared.platform.wire import Page


@endpoint(
    "GET",
    "audit/calls",
    needs=Permission.AUDIT_READ,
    query=AuditQuery,
    returns=Page[CallOut],
    raises=(BadCursor, TablesAway),
)
async def list_audited_calls(call: Call[None, AuditQuery]) -> Page[CallOut]:
    """Search the calls: of the caller's project, and for the tenant's owner of the tenant."""
    found = await search_calls(call.runtime, call.actor, call.query)
    return Page(items=list(found.items), next_cursor=found.next_cursor)
