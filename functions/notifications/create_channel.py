"""POST /api/notification-channels"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.kernel.values import Permission
from shared.notifications import commands
from shared.notifications.schemas import ChannelIn, ChannelSecretOut


@endpoint(
    "POST",
    "notification-channels",
    needs=Permission.NOTIFICATION_WRITE,
    body=ChannelIn,
    returns=ChannelSecretOut,
    status=HTTPStatus.CREATED,
)
async def create_channel(call: Call[ChannelIn, None]) -> ChannelSecretOut:
    """Make a notification channel; a signing secret that is made for it is shown this once."""
    async with call.transaction() as tx:
        row, secret = await commands.create_channel(tx, call.runtime.vault, call.project_id, call.body)
    return ChannelSecretOut.with_secret(row, secret)
