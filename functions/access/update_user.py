"""PATCH /api/users/{user_id}"""

from functions.http import Call, endpoint
from shared.access import sessions, users
from shared.access.errors import OwnAccount, UserNotFound
from shared.access.schemas import UserIn, UserOut
from shared.kernel.values import Permission, UserId


@endpoint(
    "PATCH",
    "users/{user_id}",
    needs=Permission.TENANT_WRITE,
    body=UserIn,
    returns=UserOut,
    raises=(UserNotFound, OwnAccount),
)
async def update_user(call: Call[UserIn, None], user_id: UserId) -> UserOut:
    """Disable somebody's account, or open it again."""
    async with call.transaction() as tx:
        row, ended = await users.set_disabled(tx, call.project_id, user_id, disabled=call.body.disabled)
    await sessions.forget(call.runtime, tx.tenant_id, user_id, ended.sessions, ended.keys)
    return UserOut.of(row)
