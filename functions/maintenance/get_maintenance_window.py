"""GET /api/maintenance-windows/{window_id}"""

from functions.http import Call, endpoint
from shared.alerts import maintenance
from shared.alerts.errors import WindowNotFound
from shared.alerts.maintenance_schemas import MaintenanceWindowOut
from shared.kernel.values import Permission, WindowId


@endpoint(
    "GET",
    "maintenance-windows/{window_id}",
    needs=Permission.MAINTENANCE_READ,
    returns=MaintenanceWindowOut,
    raises=(WindowNotFound,),
)
async def get_maintenance_window(call: Call[None, None], window_id: WindowId) -> MaintenanceWindowOut:
    """Show a window, and how many alerts it holds."""
    async with call.transaction() as tx:
        row = await maintenance.get_window(tx, call.project_id, window_id)
        held = await maintenance.held_counts(tx, call.project_id, [row.id])
    return MaintenanceWindowOut.of(row, tx.now, held.get(row.id, 0))
