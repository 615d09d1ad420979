"""DELETE /api/maintenance-windows/{window_id}"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.alerts import maintenance
from shared.alerts.errors import WindowNotFound
from shared.kernel.errors import StaleVersion
from shared.kernel.values import Permission, WindowId


@endpoint(
    "DELETE",
    "maintenance-windows/{window_id}",
    needs=Permission.MAINTENANCE_WRITE,
    status=HTTPStatus.NO_CONTENT,
    raises=(WindowNotFound, StaleVersion),
)
async def cancel_maintenance_window(call: Call[None, None], window_id: WindowId) -> None:
    """End a window and all that was planned of it; it stays listed."""
    async with call.transaction() as tx:
        await maintenance.cancel_window(tx, call.project_id, window_id, expected=call.if_match)
