"""POST /api/maintenance-windows/preview"""

from functions.http import Call, endpoint
from shared.alerts import maintenance
from shared.alerts.maintenance_schemas import PreviewIn, PreviewOut
from shared.kernel.values import Permission


@endpoint(
    "POST",
    "maintenance-windows/preview",
    needs=Permission.MAINTENANCE_READ,
    body=PreviewIn,
    returns=PreviewOut,
)
async def preview_maintenance_window(call: Call[PreviewIn, None]) -> PreviewOut:
    """Show which alerts of the last 24 hours a window with these matchers would hold."""
    return await maintenance.preview(call.transaction, call.project_id, call.body.matchers)
