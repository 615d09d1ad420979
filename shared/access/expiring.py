"""Live connections whose credential ran out. Nobody revoked it, so nothing but the time tells."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from shared.access.sessions import disconnect
from shared.access.tables import ApiKeyRow, SessionRow
from shared.kernel.values import TenantId
from shared.platform.runtime import Runtime
from shared.platform.turns import in_turn

_LOOKED_BACK: Final = timedelta(minutes=10)  # two runs of the timer, so that the next one makes up for one that failed
_AT_ONCE: Final = 10


async def disconnect_expired(runtime: Runtime) -> int:
    """Close the connections of people and programs of whom a session or key ran out lately. Returns how many they are.

    Whoever may go on, by another session, connects again. Raises `Unavailable`.
    """
    async with runtime.system_transaction() as system:
        since, now = system.now - _LOOKED_BACK, system.now
        sessions = select(SessionRow.tenant_id, SessionRow.user_id).where(
            SessionRow.expires_at > since, SessionRow.expires_at <= now, SessionRow.revoked_at.is_(None)
        )
        keys = select(ApiKeyRow.tenant_id, ApiKeyRow.id).where(
            ApiKeyRow.expires_at > since, ApiKeyRow.expires_at <= now, ApiKeyRow.revoked_at.is_(None)
        )
        found = (await system.session.execute(sessions.union(keys))).all()
    await in_turn(
        found,
        lambda one: disconnect(runtime, TenantId(one[0]), one[1]),
        what=lambda one: f"closing the connections of {one[1]}",
        at_once=_AT_ONCE,
    )
    return len(found)
