"""GET /api/audit/export"""

from functions.http import Call, File, endpoint
from shared.audit.exporting import MEDIA_TYPES, export
from shared.audit.schemas import ExportQuery
from shared.kernel.values import Permission
from shared.platform.paging import BadCursor
from shared.platform.table_store import TablesAway


@endpoint(
    "GET",
    "audit/export",
    needs=Permission.AUDIT_READ,
    query=ExportQuery,
    returns=File,
    raises=(BadCursor, TablesAway),
)
async def export_audit(call: Call[None, ExportQuery]) -> File:
    """Give calls or changes as a file, in parts: the `Link` header leads to the next, and one after the other they are
    the whole.
    """
    part = await export(call.runtime, call.actor, call.query)
    name = f"audit-{call.query.kind}.{call.query.format}"
    url = f"{call.runtime.settings.api_base_url}/audit/export?{part.next_query}" if part.next_query else ""
    return File(part.text.encode(), MEDIA_TYPES[call.query.format], name=name, next_url=url)
