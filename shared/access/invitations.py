"""Invitations: how new people come into a tenant."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select

from shared.access import opaque_tokens
from shared.access.commands import hash_new_password, hold_place
from shared.access.credentials import digest_of
from shared.access.errors import AlreadyInTenant, EmailTaken, InvitationNotFound
from shared.access.events import InvitationAccepted, InvitationCreated, InvitationRevoked
from shared.access.permissions import check_may_give, covers
from shared.access.schemas import AcceptInvitationIn, InvitationIn
from shared.access.sessions import SignedIn, open_session
from shared.access.tables import ApiKeyRow, InvitationRow, MemberRow, UserRow
from shared.kernel.values import Actor, ActorKind, ProjectId, Role, system_actor
from shared.platform.database import AlreadyTaken
from shared.platform.runtime import Runtime, Tx

LIFETIME: Final = timedelta(days=7)


async def invite(tx: Tx, project_id: ProjectId, given: InvitationIn) -> tuple[InvitationRow, str]:
    """Invite somebody new to a project; returns also the one-time token of the link, which is not kept.

    Raises `RoleTooHigh`, `Forbidden`, `AlreadyInTenant`.
    """
    check_may_give(tx.actor, given.role)
    await hold_place(tx, project_id)
    if await tx.session.scalar(tx.select(UserRow).where(UserRow.email == given.email)):
        raise AlreadyInTenant
    invitation_id, secret = tx.ids.new(), secrets.token_urlsafe(32)
    row = InvitationRow(
        tenant_id=tx.tenant_id,
        id=invitation_id,
        project_id=project_id,
        email=given.email,
        role=given.role.value,
        secret_digest=digest_of(secret),
        created_at=tx.now,
        created_by=tx.actor.id,
        expires_at=tx.now + LIFETIME,
    )
    tx.session.add(row)
    data = {"email": given.email, "role": given.role.value}
    tx.record(InvitationCreated(project_id=project_id, subject_id=invitation_id, data=data))
    return row, opaque_tokens.write(tx.tenant_id, invitation_id, secret)


async def mint_mailed(tx: Tx, invitation_id: UUID) -> tuple[InvitationRow, str] | None:
    """Make the token of the link that goes out by e-mail, beside the one that the inviter was shown.

    Returns it with the invitation; None when the invitation does not wait any more. A later one takes its place.
    """
    row = await tx.session.scalar(tx.select(InvitationRow).where(InvitationRow.id == invitation_id).with_for_update())
    if row is None or not _is_waiting(row, tx.now):
        return None
    secret = secrets.token_urlsafe(32)
    row.mailed_digest = digest_of(secret)
    return row, opaque_tokens.write(tx.tenant_id, invitation_id, secret)


async def list_invitations(tx: Tx, project_id: ProjectId) -> Sequence[InvitationRow]:
    """Return the project's invitations, newest first."""
    found = await tx.session.scalars(
        tx.select(InvitationRow).where(InvitationRow.project_id == project_id).order_by(InvitationRow.id.desc())
    )
    return found.all()


async def revoke_invitation(tx: Tx, project_id: ProjectId, invitation_id: UUID) -> None:
    """End an invitation; it stays listed. Raises `InvitationNotFound`, also for one that was accepted."""
    row = await tx.session.scalar(
        tx.select(InvitationRow)
        .where(InvitationRow.project_id == project_id, InvitationRow.id == invitation_id)
        .with_for_update()
    )
    if row is None or row.accepted_at is not None:
        raise InvitationNotFound
    if row.revoked_at is None:
        _revoke(tx, row)


async def revoke_invitations_of(
    tx: Tx, user_id: UUID, *, project_id: ProjectId | None = None, above: Role | None = None
) -> None:
    """End the invitations that wait and that a person made, or a key of theirs, in one project or in all.

    With `above`, only those into a role that a person of this role may not give.
    """
    keys = select(ApiKeyRow.id).where(ApiKeyRow.tenant_id == tx.tenant_id, ApiKeyRow.created_by == user_id)
    query = tx.select(InvitationRow).where(
        or_(InvitationRow.created_by == user_id, InvitationRow.created_by.in_(keys)),
        InvitationRow.accepted_at.is_(None),
        InvitationRow.revoked_at.is_(None),
        InvitationRow.expires_at > tx.now,
    )
    if project_id is not None:
        query = query.where(InvitationRow.project_id == project_id)
    for row in await tx.session.scalars(query.order_by(InvitationRow.id).with_for_update()):
        if above is None or not covers(above, Role(row.role)):
            _revoke(tx, row)


async def accept(runtime: Runtime, given: AcceptInvitationIn, *, address: str = "") -> SignedIn:
    """Make the invited person a user, and sign them in.

    Raises `InvitationNotFound`, whatever is wrong with the token, `WeakPassword`, `TooManyAttempts`, and `EmailTaken`
    where the address has an account by now.
    """
    found = opaque_tokens.read(given.token.get_secret_value())
    if found is None:
        raise InvitationNotFound
    tenant_id, invitation_id, secret = found
    async with runtime.transaction(system_actor(tenant_id)) as tx:
        email = (await _open(tx, invitation_id, secret)).email
    password_hash = await hash_new_password(runtime, given.password, email, address)
    user_id = runtime.ids.new()
    newcomer = Actor(kind=ActorKind.USER, id=user_id, name=email, tenant_id=tenant_id)
    try:
        async with runtime.transaction(newcomer, privileged=True) as tx:
            row = await _open(tx, invitation_id, secret)
            row.accepted_at = tx.now
            project_id, role = ProjectId(row.project_id), Role(row.role)
            user = UserRow(
                tenant_id=tenant_id,
                id=user_id,
                email=email,
                name=given.name,
                password_hash=password_hash,
                tenant_role="member",
            )
            tx.session.add(user)
            await tx.session.flush()
            tx.session.add(
                MemberRow(tenant_id=tenant_id, id=tx.ids.new(), project_id=project_id, user_id=user_id, role=role.value)
            )
            data = {"user_id": user_id, "email": email, "role": role.value}
            tx.record(InvitationAccepted(project_id=project_id, subject_id=row.id, data=data))
            return open_session(runtime, tx, user, project_id, role)
    except AlreadyTaken:
        raise EmailTaken from None


async def _open(tx: Tx, invitation_id: UUID, secret: str) -> InvitationRow:
    """Lock an invitation that still holds, so that it is accepted once. Raises `InvitationNotFound`."""
    row = await tx.session.scalar(tx.select(InvitationRow).where(InvitationRow.id == invitation_id).with_for_update())
    if row is None or not _is_waiting(row, tx.now):
        raise InvitationNotFound
    if not any(
        hmac.compare_digest(known, digest_of(secret)) for known in (row.secret_digest, row.mailed_digest or b"")
    ):
        raise InvitationNotFound
    return row


def _revoke(tx: Tx, row: InvitationRow) -> None:
    row.revoked_at = tx.now
    tx.record(InvitationRevoked(project_id=ProjectId(row.project_id), subject_id=row.id, data={"email": row.email}))


def _is_waiting(row: InvitationRow, now: datetime) -> bool:
    return row.accepted_at is None and row.revoked_at is None and row.expires_at > now
