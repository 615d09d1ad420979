"""GET /api/audit"""

from functions.http import Call, endpoint
from shared.audit.schemas import AuditQuery, EntryOut
from shared.audit.searching import search
from shared.kernel.values import Permission
from shared.platform.paging import BadCursor
from shared.platform.table_store import TablesAway
from shared.platform.wire import Page


@endpoint(
    "GET",
    "audit",
    needs=Permission.AUDIT_READ,
    query=AuditQuery,
    returns=Page[EntryOut],
    raises=(BadCursor, TablesAway),
)
async def search_audit(call: Call[None, AuditQuery]) -> Page[EntryOut]:
    """Search calls and changes together, the newest first."""
    found = await search(call.runtime, call.actor, call.query)
    return Page(items=list(found.items), next_cursor=found.next_cursor)
