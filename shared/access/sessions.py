"""Sessions: opened by signing in, kept by single-use refresh tokens, known to the cache, ended at once."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update

from shared.access.csrf import csrf_token
from shared.access.errors import ProjectNotFound
from shared.access.events import RefreshTokenReplayed, SessionsEnded
from shared.access.refresh_tokens import RefreshToken, Standing, standing
from shared.access.schemas import CallerOut, SessionState, SignedInOut
from shared.access.tables import MemberRow, SessionRow, UserRow
from shared.kernel.errors import Forbidden, Unauthenticated
from shared.kernel.values import Actor, ProjectId, Role, TenantId, system_actor
from shared.platform.aging import forget_older
from shared.platform.metrics import CACHE_REQUESTS
from shared.platform.realtime import RealtimeAway, listener
from shared.platform.runtime import Runtime, Tx
from shared.platform.tokens import Kind

log = logging.getLogger(__name__)

ACCESS_LIFETIME: Final = timedelta(minutes=15)
SESSION_LIFETIME: Final = timedelta(days=7)  # from the last refresh
MAX_SESSION: Final = timedelta(days=30)  # from signing in
KEPT_FOR: Final = timedelta(days=1)  # beyond its end; also one that was ended early has its end

_DISCONNECT_SECONDS: Final = 1.0  # what signing out may wait for it


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What signing in gives: the answer, and the refresh token where there is a new one, with its lifetime."""

    body: SignedInOut
    refresh_token: str | None
    lifetime: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The sessions of a person that ended or mean something else now, and the API keys that ended with them."""

    sessions: Sequence[UUID] = ()
    keys: Sequence[UUID] = ()


def open_session(runtime: Runtime, tx: Tx, user: UserRow, project_id: ProjectId, role: Role) -> SignedIn:
    """Open a session in a project."""
    token = RefreshToken.first(tx.tenant_id, tx.ids.new())
    session = SessionRow(
        tenant_id=tx.tenant_id,
        id=token.session_id,
        user_id=user.id,
        project_id=project_id,
        created_at=tx.now,
        expires_at=tx.now + SESSION_LIFETIME,
        refresh_digest=token.digest,
        refreshed_at=tx.now,
    )
    tx.session.add(session)
    return _signed_in(runtime, tx, session, user, role, token)


async def refresh(runtime: Runtime, presented: str) -> SignedIn:
    """Trade a refresh token for its successor and an access token. Raises `Unauthenticated`.

    The same token again gives the same successor for a while, for two tabs may ask at once and an answer may be lost.
    After that it is a replay, by whoever stole it or was stolen from, and the session ends.
    """
    token = RefreshToken.read(presented)
    _, key = runtime.settings.session_keys.newest
    async with runtime.transaction(system_actor(token.tenant_id)) as tx:
        session, user = await _locked(tx, token.session_id)
        found = standing(token, session.refresh_digest, rotated_ago=tx.now - session.refreshed_at, key=key)
        if found is Standing.UNKNOWN:
            raise Unauthenticated
        if found is not Standing.REPLAYED:
            successor = token.successor(key)
            if found is Standing.CURRENT:
                session.refresh_digest, session.refreshed_at = successor.digest, tx.now
                session.expires_at = min(tx.now + SESSION_LIFETIME, session.created_at + MAX_SESSION)
            role = await _stay(tx, session)
            return _signed_in(runtime, tx, session, user, role, successor)
        session.revoked_at = tx.now
        tx.record(RefreshTokenReplayed(project_id=ProjectId(session.project_id), subject_id=session.id))
    await forget(runtime, token.tenant_id, user.id, [token.session_id])
    raise Unauthenticated


async def switch_project(runtime: Runtime, tx: Tx, project_id: ProjectId) -> SignedIn:
    """Go on in another project. Raises `ProjectNotFound`, and `Forbidden` for whoever has no session."""
    if tx.actor.session_id is None:
        raise Forbidden
    session, user = await _locked(tx, tx.actor.session_id)
    role = (await _memberships(tx, user.id)).get(project_id)
    if role is None:
        raise ProjectNotFound
    session.project_id = project_id
    return _signed_in(runtime, tx, session, user, role, None)


async def sign_out(runtime: Runtime, actor: Actor, *, everywhere: bool) -> None:
    """End the caller's session, or all of theirs. Raises `Forbidden` for whoever has no session."""
    if actor.session_id is None or actor.id is None or actor.tenant_id is None:
        raise Forbidden
    async with runtime.transaction(actor) as tx:
        ended = await end_sessions(tx, actor.id, only=None if everywhere else actor.session_id)
    await forget(runtime, actor.tenant_id, actor.id, ended)


async def forget_ended(runtime: Runtime) -> None:
    """Let go of sessions that have run out."""
    await forget_older(runtime, SessionRow, SessionRow.expires_at, KEPT_FOR)


async def describe(runtime: Runtime, actor: Actor) -> CallerOut:
    """Say who the caller is; a signed-in person's own page learns its CSRF token here."""
    if actor.session_id is None:
        return CallerOut.of(actor)
    async with runtime.transaction(actor) as tx:
        name = await tx.session.scalar(
            select(UserRow.name).where(UserRow.tenant_id == tx.tenant_id, UserRow.id == actor.id)
        )
    return CallerOut.of(actor, name=name, csrf_token=csrf_token(runtime.settings.session_keys, actor.session_id))


async def end_sessions(tx: Tx, user_id: UUID, *, only: UUID | None = None, but: UUID | None = None) -> Sequence[UUID]:
    """End sessions of a person: all, one, or all but one. Returns their ids, for `forget` after the commit."""
    query = update(SessionRow).where(
        SessionRow.tenant_id == tx.tenant_id, SessionRow.user_id == user_id, SessionRow.revoked_at.is_(None)
    )
    if only is not None:
        query = query.where(SessionRow.id == only)
    if but is not None:
        query = query.where(SessionRow.id != but)
    ended = (await tx.session.scalars(query.values(revoked_at=tx.now).returning(SessionRow.id))).all()
    if ended and tx.actor.project_id is not None:
        tx.record(SessionsEnded(project_id=tx.actor.project_id, subject_id=user_id, data={"session_ids": list(ended)}))
    return ended


async def live_sessions(tx: Tx, user_id: UUID) -> Sequence[UUID]:
    """Return a person's sessions that have not ended, for `forget` after a change of what they may do."""
    query = select(SessionRow.id).where(
        SessionRow.tenant_id == tx.tenant_id, SessionRow.user_id == user_id, SessionRow.revoked_at.is_(None)
    )
    return (await tx.session.scalars(query)).all()


async def state_of(runtime: Runtime, tenant_id: TenantId, session_id: UUID) -> SessionState | None:
    """Return what a session stands for now; None once it has ended."""
    key = _key(tenant_id, session_id)
    known = await runtime.cache.get(key)
    runtime.metrics.add(CACHE_REQUESTS, "sessions", "hit" if known else "miss")
    if known:
        return SessionState.model_validate_json(known)
    async with runtime.transaction(system_actor(tenant_id)) as tx:
        state = await _read_state(tx, session_id)
    if state is not None:
        await runtime.cache.remember(key, state.model_dump_json())
    return state


async def forget(
    runtime: Runtime, tenant_id: TenantId, user_id: UUID, session_ids: Iterable[UUID], key_ids: Iterable[UUID] = ()
) -> None:
    """Make every process read these sessions of a person anew, and live clients ask again. Call it after the commit.

    So do the clients of API keys that ended with what the person may do.
    """
    await asyncio.gather(
        *(runtime.cache.forget(_key(tenant_id, one)) for one in session_ids),
        *(disconnect(runtime, tenant_id, one) for one in (user_id, *key_ids)),
    )


async def disconnect(runtime: Runtime, tenant_id: TenantId, caller_id: UUID) -> None:
    """Close the live connections of a person or program, as far as the service answers."""
    try:
        async with asyncio.timeout(_DISCONNECT_SECONDS):
            await runtime.realtime.disconnect(listener(tenant_id, caller_id))
    except (RealtimeAway, TimeoutError):
        log.warning("live connections of %s could not be closed", caller_id)


async def _read_state(tx: Tx, session_id: UUID) -> SessionState | None:
    query = (
        select(UserRow, SessionRow.expires_at)
        .join(SessionRow, (SessionRow.tenant_id == UserRow.tenant_id) & (SessionRow.user_id == UserRow.id))
        .where(UserRow.tenant_id == tx.tenant_id, SessionRow.id == session_id)
        .where(UserRow.disabled_at.is_(None), SessionRow.revoked_at.is_(None), SessionRow.expires_at > tx.now)
    )
    found = (await tx.session.execute(query)).one_or_none()
    if found is None:
        return None
    user: UserRow = found[0]
    expires_at: datetime = found[1]
    return SessionState(
        user_id=user.id,
        email=user.email,
        owns_tenant=user.tenant_role == "owner",
        expires_at=expires_at,
        roles=await _memberships(tx, user.id),
    )


async def _locked(tx: Tx, session_id: UUID) -> tuple[SessionRow, UserRow]:
    """Lock a session that goes on, so that one token is used once. Raises `Unauthenticated`."""
    query = (
        select(SessionRow, UserRow)
        .join(UserRow, (SessionRow.tenant_id == UserRow.tenant_id) & (SessionRow.user_id == UserRow.id))
        .where(SessionRow.tenant_id == tx.tenant_id, SessionRow.id == session_id)
        .where(UserRow.disabled_at.is_(None), SessionRow.revoked_at.is_(None), SessionRow.expires_at > tx.now)
        .with_for_update(of=SessionRow)
    )
    found = (await tx.session.execute(query)).one_or_none()
    if found is None:
        raise Unauthenticated
    return found[0], found[1]


async def _stay(tx: Tx, session: SessionRow) -> Role:
    """Return the role in the session's project; who is no member there any more goes on in another of theirs."""
    roles = await _memberships(tx, session.user_id)
    if not roles:
        raise Unauthenticated
    if session.project_id not in roles:
        session.project_id = min(roles)
    return roles[session.project_id]


async def first_membership(tx: Tx, user_id: UUID) -> MemberRow | None:
    """Return the membership that a person has had longest, in whose project they begin; None without any."""
    query = tx.select(MemberRow).where(MemberRow.user_id == user_id, MemberRow.removed_at.is_(None))
    return await tx.session.scalar(query.order_by(MemberRow.id).limit(1))


async def _memberships(tx: Tx, user_id: UUID) -> dict[UUID, Role]:
    query = tx.select(MemberRow).where(MemberRow.user_id == user_id, MemberRow.removed_at.is_(None))
    return {row.project_id: Role(row.role) for row in await tx.session.scalars(query)}


def _signed_in(
    runtime: Runtime, tx: Tx, session: SessionRow, user: UserRow, role: Role, token: RefreshToken | None
) -> SignedIn:
    claims = {
        "user_id": str(user.id),
        "tenant_id": str(tx.tenant_id),
        "project_id": str(session.project_id),
        "email": user.email,
        "role": role.value,
        "sid": str(session.id),
        "jti": str(tx.ids.new()),
    }
    body = SignedInOut(
        user_id=user.id,
        email=user.email,
        name=user.name,
        tenant_id=tx.tenant_id,
        project_id=session.project_id,
        role=role,
        access_token=runtime.tokens.sign(Kind.ACCESS, claims, now=tx.now, lifetime=ACCESS_LIFETIME),
        expires_in=int(ACCESS_LIFETIME.total_seconds()),
        csrf_token=csrf_token(runtime.settings.session_keys, session.id),
    )
    return SignedIn(body=body, refresh_token=token.text if token else None, lifetime=session.expires_at - tx.now)


def _key(tenant_id: TenantId, session_id: UUID) -> str:
    return f"session:{tenant_id}:{session_id}"
