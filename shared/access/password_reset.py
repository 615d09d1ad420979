"""Forgotten passwords: ask for a link, which goes out by e-mail, and choose another password by it."""

import asyncio
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select

from shared.access import opaque_tokens
from shared.access.attempts import count_reset_request
from shared.access.commands import hash_new_password, use_reset_links
from shared.access.credentials import digest_of
from shared.access.errors import PasswordResetNotFound
from shared.access.events import PasswordReset, PasswordResetRequested
from shared.access.schemas import ResetPasswordIn
from shared.access.sessions import end_sessions, first_membership, forget
from shared.access.tables import PasswordResetRow, UserRow
from shared.kernel.values import Actor, ActorKind, ProjectId, TenantId, system_actor
from shared.platform.runtime import Runtime, Tx

LIFETIME: Final = timedelta(minutes=30)
ANSWER_AFTER: Final = 0.3  # seconds: longer than the work for a known person takes, which an unknown one would tell


async def request_reset(runtime: Runtime, email: str, *, address: str = "") -> None:
    """Have a link sent to whoever has this e-mail address. It takes the same time, and says nothing, for nobody.

    Raises `TooManyAttempts`, and `Unavailable` while attempts cannot be counted.
    """
    await count_reset_request(runtime, address, email)
    await asyncio.gather(_record_request(runtime, email), asyncio.sleep(ANSWER_AFTER))


async def _record_request(runtime: Runtime, email: str) -> None:
    async with runtime.system_transaction() as system:
        user = await system.session.scalar(select(UserRow).where(UserRow.email == email, UserRow.disabled_at.is_(None)))
    if user is None:
        return
    async with runtime.transaction(system_actor(TenantId(user.tenant_id))) as tx:
        member = await first_membership(tx, user.id)
        if member is not None:
            tx.record(PasswordResetRequested(project_id=ProjectId(member.project_id), subject_id=user.id))


async def mint(tx: Tx, user_id: UUID) -> tuple[UserRow, str] | None:
    """Make a link's token and keep its digest. Returns whose it is, and the token; None for a closed account.

    Each mail has a token of its own, so that no event and no queue ever holds one.
    """
    user = await tx.session.scalar(tx.select(UserRow).where(UserRow.id == user_id, UserRow.disabled_at.is_(None)))
    if user is None:
        return None
    reset_id, secret = tx.ids.new(), secrets.token_urlsafe(32)
    tx.session.add(
        PasswordResetRow(
            tenant_id=tx.tenant_id,
            id=reset_id,
            user_id=user_id,
            secret_digest=digest_of(secret),
            created_at=tx.now,
            expires_at=tx.now + LIFETIME,
        )
    )
    return user, opaque_tokens.write(tx.tenant_id, reset_id, secret)


async def reset(runtime: Runtime, given: ResetPasswordIn, *, address: str = "") -> None:
    """Give a person the password that they chose, and end their sessions and their other links.

    Raises `PasswordResetNotFound`, whatever is wrong with the token, `WeakPassword`, `TooManyAttempts`.
    """
    found = opaque_tokens.read(given.token.get_secret_value())
    if found is None:
        raise PasswordResetNotFound
    tenant_id, reset_id, secret = found
    async with runtime.transaction(system_actor(tenant_id)) as tx:
        known = await _account(tx, _check(await _unused(tx, reset_id), tx.now, secret).user_id)
        member = await first_membership(tx, known.id)
    if member is None:
        raise PasswordResetNotFound
    fresh = await hash_new_password(runtime, given.password, known.email, address)
    project_id = ProjectId(member.project_id)
    person = Actor(kind=ActorKind.USER, id=known.id, name=known.email, tenant_id=tenant_id, project_id=project_id)
    async with runtime.transaction(person) as tx:
        user = await _account(tx, known.id)
        # Of two who use one link at once, the second waited for the account and finds it used.
        _check(await _unused(tx, reset_id), tx.now, secret)
        user.password_hash = fresh
        await use_reset_links(tx, user.id)
        tx.record(PasswordReset(project_id=project_id, subject_id=user.id))
        ended = await end_sessions(tx, user.id)
    await forget(runtime, tenant_id, known.id, ended)


async def forget_links(runtime: Runtime) -> None:
    """Let go of links that have run out."""
    async with runtime.system_transaction() as system:
        await system.session.execute(delete(PasswordResetRow).where(PasswordResetRow.expires_at < system.now))


def _check(row: PasswordResetRow | None, now: datetime, secret: str) -> PasswordResetRow:
    """Return a link that holds. Raises `PasswordResetNotFound`."""
    if row is None or row.expires_at <= now or not hmac.compare_digest(row.secret_digest, digest_of(secret)):
        raise PasswordResetNotFound
    return row


async def _account(tx: Tx, user_id: UUID) -> UserRow:
    """Lock an account that is open, so that its links are used one at a time. Raises `PasswordResetNotFound`."""
    user = await tx.session.scalar(
        tx.select(UserRow).where(UserRow.id == user_id, UserRow.disabled_at.is_(None)).with_for_update()
    )
    if user is None:
        raise PasswordResetNotFound
    return user


async def _unused(tx: Tx, reset_id: UUID) -> PasswordResetRow | None:
    row: PasswordResetRow | None = await tx.session.scalar(
        tx.select(PasswordResetRow).where(PasswordResetRow.id == reset_id, PasswordResetRow.used_at.is_(None))
    )
    return row
