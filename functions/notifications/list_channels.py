"""GET /api/notification-channels"""

from functions.http import Call, endpoint
from shared.kernel.values import Permission
from shared.notifications import commands
from shared.notifications.schemas import ChannelOut, ChannelsQuery
from shared.platform.paging import BadCursor, cursor_of, last_id, page_of
from shared.platform.wire import Page


@endpoint(
    "GET",
    "notification-channels",
    needs=Permission.NOTIFICATION_READ,
    query=ChannelsQuery,
    returns=Page[ChannelOut],
    raises=(BadCursor,),
)
async def list_channels(call: Call[None, ChannelsQuery]) -> Page[ChannelOut]:
    """List the project's notification channels, newest first."""
    asked, before = call.query, last_id(call.query.cursor)
    async with call.transaction() as tx:
        rows = await commands.list_channels(tx, call.project_id, before=before, limit=asked.limit + 1)
    return page_of(rows, asked.limit, ChannelOut.of, lambda row: cursor_of(row.id))
