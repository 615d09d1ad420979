"""POST /api/maintenance-windows"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.alerts import maintenance
from shared.alerts.errors import BadWindow
from shared.alerts.maintenance_schemas import MaintenanceWindowIn, MaintenanceWindowOut
from shared.kernel.values import Permission


@endpoint(
    "POST",
    "maintenance-windows",
    needs=Permission.MAINTENANCE_WRITE,
    body=MaintenanceWindowIn,
    returns=MaintenanceWindowOut,
    status=HTTPStatus.CREATED,
    raises=(BadWindow,),
)
async def create_maintenance_window(call: Call[MaintenanceWindowIn, None]) -> MaintenanceWindowOut:
    """Plan a time in which matching alerts open no incident; those that still fire at its end do then."""
    async with call.transaction() as tx:
        row = await maintenance.create_window(tx, call.project_id, call.body)
    return MaintenanceWindowOut.of(row, tx.now, held_count=0)
