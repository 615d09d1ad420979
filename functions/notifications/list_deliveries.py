"""GET /api/notification-channels/{channel_id}/deliveries"""

from uuid import UUID

from functions.http import Call, endpoint
from shared.kernel.values import Permission
from shared.notifications import commands
from shared.notifications.errors import ChannelNotFound
from shared.notifications.schemas import DeliveriesQuery, DeliveryOut
from shared.platform.paging import BadCursor, cursor_of, last_id, page_of
from shared.platform.wire import Page


@endpoint(
    "GET",
    "notification-channels/{channel_id}/deliveries",
    needs=Permission.NOTIFICATION_READ,
    query=DeliveriesQuery,
    returns=Page[DeliveryOut],
    raises=(ChannelNotFound, BadCursor),
)
async def list_deliveries(call: Call[None, DeliveriesQuery], channel_id: UUID) -> Page[DeliveryOut]:
    """List what a notification channel was told and how that went, newest first."""
    query = call.query
    before = last_id(query.cursor)
    async with call.transaction() as tx:
        await commands.get_channel(tx, call.project_id, channel_id)
        rows = await commands.deliveries(tx, channel_id, status=query.status, before=before, limit=query.limit + 1)
    return page_of(rows, query.limit, DeliveryOut.of, lambda row: cursor_of(row.id))
