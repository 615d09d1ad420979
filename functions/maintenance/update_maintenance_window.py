"""PATCH /api/maintenance-windows/{window_id}"""

from functions.http import Call, endpoint
from shared.alerts import maintenance
from shared.alerts.errors import BadWindow, WindowNotFound, WindowOver
from shared.alerts.maintenance_schemas import MaintenanceWindowOut, MaintenanceWindowPatch
from shared.kernel.errors import StaleVersion
from shared.kernel.values import Permission, WindowId


@endpoint(
    "PATCH",
    "maintenance-windows/{window_id}",
    needs=Permission.MAINTENANCE_WRITE,
    body=MaintenanceWindowPatch,
    returns=MaintenanceWindowOut,
    raises=(WindowNotFound, WindowOver, StaleVersion, BadWindow),
)
async def update_maintenance_window(
    call: Call[MaintenanceWindowPatch, None], window_id: WindowId
) -> MaintenanceWindowOut:
    """Change a window from now on; what is absent stays. Alerts that it holds no longer are released."""
    async with call.transaction() as tx:
        row = await maintenance.update_window(tx, call.project_id, window_id, call.body, expected=call.if_match)
        held = await maintenance.held_counts(tx, call.project_id, [row.id])
    return MaintenanceWindowOut.of(row, tx.now, held.get(row.id, 0))
