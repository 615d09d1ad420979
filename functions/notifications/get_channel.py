"""GET /api/notification-channels/{channel_id}"""

from uuid import UUID

from functions.http import Call, endpoint
from shared.kernel.values import Permission
from shared.notifications import commands
from shared.notifications.errors import ChannelNotFound
from shared.notifications.schemas import ChannelOut


@endpoint(
    "GET",
    "notification-channels/{channel_id}",
    needs=Permission.NOTIFICATION_READ,
    returns=ChannelOut,
    raises=(ChannelNotFound,),
)
async def get_channel(call: Call[None, None], channel_id: UUID) -> ChannelOut:
    """Show a notification channel, without its secrets."""
    async with call.transaction() as tx:
        row = await commands.get_channel(tx, call.project_id, channel_id)
    return ChannelOut.of(row)
