"""GET /api/maintenance-windows"""

from functions.http import Call, endpoint
from shared.alerts import maintenance
from shared.alerts.maintenance_schemas import MaintenanceWindowOut, MaintenanceWindowQuery
from shared.alerts.tables import MaintenanceWindowRow
from shared.kernel.values import Permission
from shared.platform.paging import BadCursor, cursor_of, last_id, page_of
from shared.platform.wire import Page


@endpoint(
    "GET",
    "maintenance-windows",
    needs=Permission.MAINTENANCE_READ,
    query=MaintenanceWindowQuery,
    returns=Page[MaintenanceWindowOut],
    raises=(BadCursor,),
)
async def list_maintenance_windows(call: Call[None, MaintenanceWindowQuery]) -> Page[MaintenanceWindowOut]:
    """List the project's windows, newest first, and how many alerts each holds."""
    status, limit = call.query.status, call.query.limit
    before = last_id(call.query.cursor)
    async with call.transaction() as tx:
        rows = await maintenance.list_windows(tx, call.project_id, status=status, before=before, limit=limit + 1)
        held = await maintenance.held_counts(tx, call.project_id, [row.id for row in rows])

    def show(row: MaintenanceWindowRow) -> MaintenanceWindowOut:
        return MaintenanceWindowOut.of(row, tx.now, held.get(row.id, 0))

    return page_of(rows, limit, show, lambda row: cursor_of(row.id))
