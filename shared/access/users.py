"""The people of a tenant, in whichever projects."""

from collections.abc import Sequence
from uuid import UUID

from shared.access.commands import revoke_api_keys_of
from shared.access.errors import OwnAccount, UserNotFound
from shared.access.events import UserUpdated
from shared.access.invitations import revoke_invitations_of
from shared.access.sessions import Ended, end_sessions
from shared.access.tables import UserRow
from shared.kernel.values import ProjectId
from shared.platform.runtime import Tx


async def list_users(tx: Tx) -> Sequence[UserRow]:
    """Return the tenant's people, those who came first at the top."""
    return (await tx.session.scalars(tx.select(UserRow).order_by(UserRow.id))).all()


async def set_disabled(tx: Tx, project_id: ProjectId, user_id: UUID, *, disabled: bool) -> tuple[UserRow, Ended]:
    """Close an account or open it again. Returns also what ended, to forget after the commit.

    With the account end the API keys and the open invitations by which its person could come back.
    Raises `UserNotFound`, and `OwnAccount`, so that the tenant keeps somebody who can undo it.
    """
    if user_id == tx.actor.id:
        raise OwnAccount
    row = await tx.session.scalar(tx.select(UserRow).where(UserRow.id == user_id).with_for_update())
    if row is None:
        raise UserNotFound
    if (row.disabled_at is not None) is disabled:
        return row, Ended()
    row.disabled_at = tx.now if disabled else None
    tx.record(UserUpdated(project_id=project_id, subject_id=user_id, changes={"disabled": (not disabled, disabled)}))
    if not disabled:
        return row, Ended()
    keys = await revoke_api_keys_of(tx, user_id)
    await revoke_invitations_of(tx, user_id)
    return row, Ended(sessions=await end_sessions(tx, user_id), keys=keys)
