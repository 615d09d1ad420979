"""POST /api/maintenance-windows/{window_id}/end"""

from functions.http import Call, endpoint
from shared.alerts import maintenance
from shared.alerts.errors import WindowNotFound, WindowOver
from shared.alerts.maintenance_schemas import MaintenanceWindowOut
from shared.kernel.errors import StaleVersion
from shared.kernel.values import Permission, WindowId


@endpoint(
    "POST",
    "maintenance-windows/{window_id}/end",
    needs=Permission.MAINTENANCE_WRITE,
    returns=MaintenanceWindowOut,
    raises=(WindowNotFound, WindowOver, StaleVersion),
)
async def end_maintenance_window(call: Call[None, None], window_id: WindowId) -> MaintenanceWindowOut:
    """End the occurrence that holds now; later ones stay as planned."""
    async with call.transaction() as tx:
        row = await maintenance.end_window(tx, call.project_id, window_id, expected=call.if_match)
    return MaintenanceWindowOut.of(row, tx.now, held_count=0)
