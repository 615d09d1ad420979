"""Whose credential is this? A session's access token, an API key, or an integration's ingest token."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select, update

from shared.access.attempts import check_guesses, count_guess
from shared.access.csrf import SAFE_METHODS, is_csrf_token
from shared.access.errors import CsrfTokenNeeded, ProjectNotFound
from shared.access.permissions import GRANTED, INTEGRATION, TENANT_OWNER
from shared.access.schemas import SessionState
from shared.access.sessions import state_of
from shared.access.tables import ApiKeyRow
from shared.kernel.errors import Unauthenticated
from shared.kernel.values import ANONYMOUS, Actor, ActorKind, Permission, ProjectId, Role, TenantId, system_actor
from shared.platform.runtime import Runtime
from shared.platform.tokens import Kind

API_KEY_PREFIX: Final = "sre_key_"
INGEST_PREFIX: Final = "sre_ingest_"
_USE_RECORDED_EVERY: Final = timedelta(minutes=1)
_KEY: Final = select(ApiKeyRow).where(ApiKeyRow.id == bindparam("id"))


@dataclass(frozen=True, slots=True)
class CookieCredential:
    """What a browser shows by itself: its access token, the request's method and the CSRF token, if any."""

    token: str
    method: str
    csrf_token: str


async def authenticate(
    runtime: Runtime, authorization: str | None, cookie: CookieCredential | None = None, *, address: str = ""
) -> Actor:
    """Return who the `Authorization` header stands for, or else the cookie; anonymous without either.

    Raises `Unauthenticated`, `CsrfTokenNeeded`, and `TooMany` where API keys are guessed at. A cookie comes unasked, so
    that a stale one is only nobody's.
    """
    if not authorization:
        return await _browser_actor(runtime, cookie) if cookie else ANONYMOUS
    scheme, _, credential = authorization.partition(" ")
    if scheme.lower() != "bearer" or not credential or not credential.isascii():
        raise Unauthenticated
    if credential.startswith(INGEST_PREFIX):
        return ingest_actor(runtime, credential)
    if credential.startswith(API_KEY_PREFIX):
        return await _key_actor(runtime, credential, address)
    return await _session_actor(runtime, credential)


async def within(runtime: Runtime, actor: Actor, project_id: ProjectId) -> Actor:
    """Return the caller as who they are in a project, which need not be the credential's. Raises `ProjectNotFound`.

    A person may be in several projects, with another role in each; a program is in its own.
    """
    if project_id == actor.project_id:
        return actor
    if actor.session_id is None or actor.tenant_id is None:
        raise ProjectNotFound
    state = await state_of(runtime, actor.tenant_id, actor.session_id)
    role = state.roles.get(project_id) if state else None
    if state is None or role is None:
        raise ProjectNotFound
    return replace(actor, project_id=project_id, role=role, permissions=_granted(state, role))


def ingest_actor(runtime: Runtime, credential: str) -> Actor:
    """Return the integration of an ingest token, from the token alone. Whether it was revoked, the first store says."""
    claims = runtime.tokens.read(Kind.INGEST, credential.removeprefix(INGEST_PREFIX), now=runtime.clock.now())
    return Actor(
        kind=ActorKind.INTEGRATION,
        id=_id(claims, "integration_id"),
        tenant_id=TenantId(_id(claims, "tenant_id")),
        project_id=ProjectId(_id(claims, "project_id")),
        permissions=INTEGRATION,
        token_version=_number(claims, "version"),
    )


def new_api_key(key_id: UUID) -> tuple[str, bytes]:
    """Return a new API key and the digest to keep. The secret has 256 random bits, so a plain hash will do."""
    secret = secrets.token_urlsafe(32)
    return f"{API_KEY_PREFIX}{key_id.hex}_{secret}", digest_of(secret)


async def _browser_actor(runtime: Runtime, cookie: CookieCredential) -> Actor:
    try:
        actor = await _session_actor(runtime, cookie.token)
    except Unauthenticated:
        return ANONYMOUS
    proven = actor.session_id and is_csrf_token(runtime.settings.session_keys, actor.session_id, cookie.csrf_token)
    if cookie.method not in SAFE_METHODS and not proven:
        raise CsrfTokenNeeded
    return actor


async def _key_actor(runtime: Runtime, credential: str, address: str) -> Actor:
    raw_id, _, secret = credential.removeprefix(API_KEY_PREFIX).partition("_")
    try:
        key_id = UUID(hex=raw_id)
    except ValueError:
        raise Unauthenticated from None
    check_guesses(runtime, address)
    async with runtime.system_read() as tx:
        row = await tx.session.scalar(_KEY, {"id": key_id})
    now = runtime.clock.now()
    if row is None or not _holds(row, secret, now):
        count_guess(runtime, address)
        raise Unauthenticated
    if row.last_used_at is None or row.last_used_at <= now - _USE_RECORDED_EVERY:
        await _record_use(runtime, row)
    role = Role(row.role)
    return Actor(
        kind=ActorKind.API_KEY,
        id=row.id,
        name=row.name,
        tenant_id=TenantId(row.tenant_id),
        project_id=ProjectId(row.project_id),
        role=role,
        permissions=GRANTED[role],
    )


async def _record_use(runtime: Runtime, key: ApiKeyRow) -> None:
    async with runtime.transaction(system_actor(TenantId(key.tenant_id))) as tx:
        await tx.session.execute(
            update(ApiKeyRow)
            .where(ApiKeyRow.tenant_id == tx.tenant_id, ApiKeyRow.id == key.id)
            .values(last_used_at=tx.now)
        )


async def _session_actor(runtime: Runtime, token: str) -> Actor:
    claims = runtime.tokens.read(Kind.ACCESS, token, now=runtime.clock.now())
    tenant_id, project_id = TenantId(_id(claims, "tenant_id")), ProjectId(_id(claims, "project_id"))
    session_id = _id(claims, "sid")
    state = await state_of(runtime, tenant_id, session_id)
    if state is None or state.expires_at <= runtime.clock.now() or state.user_id != _id(claims, "user_id"):
        raise Unauthenticated
    role = state.roles.get(project_id)
    if role is None:
        raise Unauthenticated
    return Actor(
        kind=ActorKind.USER,
        id=state.user_id,
        name=state.email,
        tenant_id=tenant_id,
        project_id=project_id,
        role=role,
        permissions=_granted(state, role),
        session_id=session_id,
    )


def _granted(state: SessionState, role: Role) -> frozenset[Permission]:
    return GRANTED[role] | (TENANT_OWNER if state.owns_tenant else frozenset())


def digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _holds(key: ApiKeyRow, secret: str, now: datetime) -> bool:
    is_over = key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now)
    return hmac.compare_digest(key.secret_digest, digest_of(secret)) and not is_over


def _id(claims: Mapping[str, Any], name: str) -> UUID:
    """Return a claim that is an id. A token of ours without it is of another version of ours, and nobody's."""
    try:
        return UUID(claims[name])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise Unauthenticated from None


def _number(claims: Mapping[str, Any], name: str) -> int:
    if not isinstance(found := claims.get(name), int):
        raise Unauthenticated
    return found
