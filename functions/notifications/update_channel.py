"""PATCH /api/notification-channels/{channel_id}"""

from uuid import UUID

from functions.http import Call, endpoint
from shared.kernel.errors import StaleVersion
from shared.kernel.values import Permission
from shared.notifications import commands
from shared.notifications.errors import ChannelNotFound
from shared.notifications.schemas import ChannelPatch, ChannelSecretOut


@endpoint(
    "PATCH",
    "notification-channels/{channel_id}",
    needs=Permission.NOTIFICATION_WRITE,
    body=ChannelPatch,
    returns=ChannelSecretOut,
    raises=(ChannelNotFound, StaleVersion),
)
async def update_channel(call: Call[ChannelPatch, None], channel_id: UUID) -> ChannelSecretOut:
    """Change a notification channel; what is absent stays as it is."""
    async with call.transaction() as tx:
        row, secret = await commands.update_channel(
            tx, call.runtime.vault, call.project_id, channel_id, call.body, expected=call.if_match
        )
    return ChannelSecretOut.with_secret(row, secret)
