"""Whose credential is this? A session's access token, an API key, or an integration's ingest token."""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from shared.access.permissions import GRANTED, INTEGRATION
from shared.access.tables import ApiKeyRow, MemberRow, SessionRow, UserRow
from shared.kernel.errors import Unauthenticated
from shared.kernel.values import ANONYMOUS, Actor, ActorKind, ProjectId, Role, TenantId, system_actor
from shared.platform.runtime import Runtime
from shared.platform.tokens import Kind

API_KEY_PREFIX: Final = "sre_key_"
INGEST_PREFIX: Final = "sre_ingest_"


async def authenticate(runtime: Runtime, authorization: str | None) -> Actor:
    """Return who the `Authorization` header stands for; anonymous without one. Raises `Unauthenticated`."""
    if not authorization:
        return ANONYMOUS
    scheme, _, credential = authorization.partition(" ")
    if scheme.lower() != "bearer" or not credential or not credential.isascii():
        raise Unauthenticated
    if credential.startswith(INGEST_PREFIX):
        return ingest_actor(runtime, credential)
    if credential.startswith(API_KEY_PREFIX):
        return await _key_actor(runtime, credential)
    return await _session_actor(runtime, credential)


def ingest_actor(runtime: Runtime, credential: str) -> Actor:
    """Return the integration of an ingest token, from the token alone. Whether it was revoked, the first store says."""
    claims = runtime.tokens.read(Kind.INGEST, credential.removeprefix(INGEST_PREFIX), now=runtime.clock.now())
    return Actor(
        kind=ActorKind.INTEGRATION,
        id=UUID(claims["integration_id"]),
        tenant_id=TenantId(UUID(claims["tenant_id"])),
        project_id=ProjectId(UUID(claims["project_id"])),
        permissions=INTEGRATION,
        token_version=int(claims["version"]),
    )


def new_api_key(key_id: UUID) -> tuple[str, bytes]:
    """Return a new API key and the digest to keep. The secret has 256 random bits, so a plain hash will do."""
    secret = secrets.token_urlsafe(32)
    return f"{API_KEY_PREFIX}{key_id.hex}_{secret}", _digest(secret)


async def _key_actor(runtime: Runtime, credential: str) -> Actor:
    raw_id, _, secret = credential.removeprefix(API_KEY_PREFIX).partition("_")
    try:
        key_id = UUID(hex=raw_id)
    except ValueError:
        raise Unauthenticated from None
    async with runtime.system_transaction() as tx:
        row = await tx.session.scalar(select(ApiKeyRow).where(ApiKeyRow.id == key_id))
    if row is None or not hmac.compare_digest(row.secret_digest, _digest(secret)):
        raise Unauthenticated
    if row.revoked_at is not None or _is_over(row.expires_at, runtime.clock.now()):
        raise Unauthenticated
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


async def _session_actor(runtime: Runtime, token: str) -> Actor:
    claims = runtime.tokens.read(Kind.ACCESS, token, now=runtime.clock.now())
    tenant_id, project_id = TenantId(UUID(claims["tenant_id"])), ProjectId(UUID(claims["project_id"]))
    async with runtime.transaction(system_actor(tenant_id)) as tx:
        found = await tx.session.execute(
            select(UserRow, MemberRow.role)
            .join(SessionRow, (SessionRow.tenant_id == UserRow.tenant_id) & (SessionRow.user_id == UserRow.id))
            .join(MemberRow, (MemberRow.tenant_id == UserRow.tenant_id) & (MemberRow.user_id == UserRow.id))
            .where(
                UserRow.tenant_id == tenant_id,
                UserRow.id == UUID(claims["user_id"]),
                UserRow.disabled_at.is_(None),
                SessionRow.id == UUID(claims["sid"]),
                SessionRow.revoked_at.is_(None),
                SessionRow.expires_at > tx.now,
                MemberRow.project_id == project_id,
            )
        )
        row = found.one_or_none()
    if row is None:
        raise Unauthenticated
    user, role = row[0], Role(row[1])
    return Actor(
        kind=ActorKind.USER,
        id=user.id,
        name=user.email,
        tenant_id=tenant_id,
        project_id=project_id,
        role=role,
        permissions=GRANTED[role],
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _is_over(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is not None and expires_at <= now
