"""GET /api/users"""

from functions.http import Call, endpoint
from shared.access import users
from shared.access.schemas import UserOut
from shared.kernel.values import Permission
from shared.platform.wire import Page


@endpoint("GET", "users", needs=Permission.MEMBER_WRITE, returns=Page[UserOut])
async def list_users(call: Call[None, None]) -> Page[UserOut]:
    """List the tenant's people, in whichever projects."""
    async with call.transaction() as tx:
        rows = await users.list_users(tx)
    return Page(items=[UserOut.of(row) for row in rows])
