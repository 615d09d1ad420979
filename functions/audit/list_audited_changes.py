"""GET /api/audit/changes"""

from functions.http import Call, endpoint
from shared.audit.schemas import AuditQuery, ChangeOut
from shared.audit.searching import search_changes
from shared.kernel.values import Permission
from shared.platform.paging import BadCursor
from shared.platform.wire import Page


@endpoint(
    "GET",
    "audit/changes",
    needs=Permission.AUDIT_READ,
    query=AuditQuery,
    returns=Page[ChangeOut],
    raises=(BadCursor,),
)
async def list_audited_changes(call: Call[None, AuditQuery]) -> Page[ChangeOut]:
    """Search the changes: of the caller's project, and for the tenant's owner of the tenant."""
    found = await search_changes(call.runtime, call.actor, call.query)
    return Page(items=list(found.items), next_cursor=found.next_cursor)
