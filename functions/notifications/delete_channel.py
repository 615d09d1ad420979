"""DELETE /api/notification-channels/{channel_id}"""

from http import HTTPStatus
from uuid import UUID

from functions.http import Call, endpoint
from shared.kernel.values import Permission
from shared.notifications import commands
from shared.notifications.errors import ChannelNotFound


@endpoint(
    "DELETE",
    "notification-channels/{channel_id}",
    needs=Permission.NOTIFICATION_WRITE,
    status=HTTPStatus.NO_CONTENT,
    raises=(ChannelNotFound,),
)
async def delete_channel(call: Call[None, None], channel_id: UUID) -> None:
    """Delete a notification channel with its secrets; what waits for another try is not sent."""
    async with call.transaction() as tx:
        await commands.delete_channel(tx, call.project_id, channel_id)
