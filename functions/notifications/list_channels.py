"""GET /api/notification-channels"""

from functions.http import Call, endpoint
from shared.kernel.values import Permission
from shared.notifications import commands
from shared.notifications.schemas import ChannelOut
from shared.platform.wire import Page


@endpoint("GET", "notification-channels", needs=Permission.NOTIFICATION_READ, returns=Page[ChannelOut])
async def list_channels(call: Call[None, None]) -> Page[ChannelOut]:
    """List the project's notification channels, newest first."""
    async with call.transaction() as tx:
        rows = await commands.list_channels(tx, call.project_id)
    return Page(items=[ChannelOut.of(row) for row in rows])
