"""Register, sign in, and give programs their keys."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from shared.access.credentials import new_api_key
from shared.access.errors import ApiKeyNotFound, EmailTaken, RoleTooHigh, WrongCredentials
from shared.access.events import ApiKeyCreated, ApiKeyRevoked, TenantRegistered
from shared.access.permissions import covers
from shared.access.schemas import ApiKeyIn, LoginIn, RegisterIn, SignedInOut
from shared.access.tables import ApiKeyRow, MemberRow, ProjectRow, SessionRow, TenantRow, UserRow
from shared.kernel.values import Actor, ActorKind, ProjectId, Role, TenantId
from shared.platform.database import AlreadyTaken
from shared.platform.runtime import Runtime, Tx
from shared.platform.tables import CounterRow
from shared.platform.tokens import Kind

ACCESS_LIFETIME: Final = timedelta(minutes=15)
SESSION_LIFETIME: Final = timedelta(days=7)
FIRST_PROJECT: Final = "Default"


async def register(runtime: Runtime, given: RegisterIn) -> SignedInOut:
    """Make a tenant with its owner and first project, and sign the owner in. Raises `EmailTaken`."""
    password_hash = await runtime.passwords.hash(given.password.get_secret_value())
    tenant_id, user_id = TenantId(runtime.ids.new()), runtime.ids.new()
    project_id = ProjectId(runtime.ids.new())
    owner = Actor(kind=ActorKind.USER, id=user_id, name=given.email, tenant_id=tenant_id)
    try:
        async with runtime.transaction(owner, privileged=True) as tx:
            rows: list[Any] = [
                TenantRow(id=tenant_id, name=given.tenant_name),
                ProjectRow(tenant_id=tenant_id, id=project_id, name=FIRST_PROJECT),
                UserRow(
                    tenant_id=tenant_id,
                    id=user_id,
                    email=given.email,
                    name=given.name,
                    password_hash=password_hash,
                    tenant_role="owner",
                ),
                MemberRow(
                    tenant_id=tenant_id,
                    id=tx.ids.new(),
                    project_id=project_id,
                    user_id=user_id,
                    role=Role.OWNER.value,
                ),
                *(CounterRow(tenant_id=tenant_id, project_id=project_id, name=name) for name in ("event", "incident")),
            ]
            for row in rows:
                tx.session.add(row)
                await tx.session.flush()
            tx.record(
                TenantRegistered(project_id=project_id, subject_id=tenant_id, data={"tenant_name": given.tenant_name})
            )
            session = _new_session(tx, user_id)
    except AlreadyTaken:
        raise EmailTaken from None
    return _signed_in(runtime, session, given.email, given.name, project_id, Role.OWNER)


async def sign_in(runtime: Runtime, given: LoginIn) -> SignedInOut:
    """Open a session. Raises `WrongCredentials`, alike and as slowly for unknown people and wrong passwords."""
    async with runtime.system_transaction() as system:
        user = await system.session.scalar(select(UserRow).where(UserRow.email == given.email))
    right = await runtime.passwords.verify(given.password.get_secret_value(), user.password_hash if user else None)
    if user is None or not right or user.disabled_at is not None:
        raise WrongCredentials
    person = Actor(kind=ActorKind.USER, id=user.id, name=user.email, tenant_id=TenantId(user.tenant_id))
    async with runtime.transaction(person) as tx:
        member = await tx.session.scalar(
            tx.select(MemberRow).where(MemberRow.user_id == user.id).order_by(MemberRow.id).limit(1)
        )
        if member is None:
            raise WrongCredentials
        session = _new_session(tx, user.id)
    return _signed_in(runtime, session, user.email, user.name, ProjectId(member.project_id), Role(member.role))


async def create_api_key(tx: Tx, project_id: ProjectId, given: ApiKeyIn) -> tuple[ApiKeyRow, str]:
    """Make a key and return it with its row; the key itself is not kept. Raises `RoleTooHigh`."""
    if tx.actor.role is None or not covers(tx.actor.role, given.role):
        raise RoleTooHigh(role=given.role.value)
    key_id = tx.ids.new()
    key, digest = new_api_key(key_id)
    row = ApiKeyRow(
        tenant_id=tx.tenant_id,
        id=key_id,
        project_id=project_id,
        name=given.name,
        role=given.role.value,
        secret_digest=digest,
        created_at=tx.now,
        created_by=tx.actor.id,
        expires_at=tx.now + timedelta(days=given.expires_in_days) if given.expires_in_days else None,
    )
    tx.session.add(row)
    tx.record(
        ApiKeyCreated(project_id=project_id, subject_id=key_id, data={"name": given.name, "role": given.role.value})
    )
    return row, key


async def list_api_keys(tx: Tx, project_id: ProjectId) -> Sequence[ApiKeyRow]:
    """Return the project's keys, newest first."""
    found = await tx.session.scalars(
        tx.select(ApiKeyRow).where(ApiKeyRow.project_id == project_id).order_by(ApiKeyRow.id.desc())
    )
    return found.all()


async def revoke_api_key(tx: Tx, project_id: ProjectId, key_id: UUID) -> None:
    """End a key; it stays listed. Raises `ApiKeyNotFound`."""
    row = await tx.session.scalar(
        tx.select(ApiKeyRow).where(ApiKeyRow.project_id == project_id, ApiKeyRow.id == key_id).with_for_update()
    )
    if row is None:
        raise ApiKeyNotFound
    if row.revoked_at is None:
        row.revoked_at = tx.now
        tx.record(ApiKeyRevoked(project_id=project_id, subject_id=key_id, data={"name": row.name}))


def _new_session(tx: Tx, user_id: UUID) -> SessionRow:
    session = SessionRow(
        tenant_id=tx.tenant_id,
        id=tx.ids.new(),
        user_id=user_id,
        created_at=tx.now,
        expires_at=tx.now + SESSION_LIFETIME,
    )
    tx.session.add(session)
    return session


def _signed_in(
    runtime: Runtime, session: SessionRow, email: str, name: str, project_id: ProjectId, role: Role
) -> SignedInOut:
    claims = {
        "user_id": str(session.user_id),
        "tenant_id": str(session.tenant_id),
        "project_id": str(project_id),
        "email": email,
        "role": role.value,
        "sid": str(session.id),
        "jti": str(runtime.ids.new()),
    }
    token = runtime.tokens.sign(Kind.ACCESS, claims, now=session.created_at, lifetime=ACCESS_LIFETIME)
    return SignedInOut(
        user_id=session.user_id,
        email=email,
        name=name,
        tenant_id=session.tenant_id,
        project_id=project_id,
        role=role,
        access_token=token,
        expires_in=int(ACCESS_LIFETIME.total_seconds()),
    )
