"""POST /api/notification-channels/{channel_id}/test"""

from uuid import UUID

from functions.http import Call, endpoint
from shared.kernel.values import Permission, TenantId
from shared.notifications import commands
from shared.notifications.errors import ChannelNotFound
from shared.notifications.reactions import plan_test
from shared.notifications.schemas import DeliveryOut
from shared.notifications.sending import send


@endpoint(
    "POST",
    "notification-channels/{channel_id}/test",
    needs=Permission.NOTIFICATION_WRITE,
    returns=DeliveryOut,
    raises=(ChannelNotFound,),
)
async def test_channel(call: Call[None, None], channel_id: UUID) -> DeliveryOut:
    """Send a test notification now, even by a channel that is off, and say how that went. It is tried once."""
    async with call.transaction() as tx:
        channel = await commands.get_channel(tx, call.project_id, channel_id)
        delivery_id = await plan_test(tx, channel)
    await send(call.runtime, TenantId(channel.tenant_id), [delivery_id])
    async with call.transaction() as tx:
        row = await commands.get_delivery(tx, channel_id, delivery_id)
    return DeliveryOut.of(row)
