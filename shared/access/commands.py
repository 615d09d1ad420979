"""Register, sign in, change a password, and give programs their keys."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import select, update

from shared.access.attempts import count_attempt
from shared.access.credentials import new_api_key
from shared.access.errors import (
    ApiKeyNotFound,
    EmailTaken,
    PeopleOnly,
    WeakPassword,
    WrongCredentials,
    WrongPassword,
)
from shared.access.events import ApiKeyCreated, ApiKeyRevoked, PasswordChanged, TenantRegistered
from shared.access.password_rules import weakness
from shared.access.permissions import check_may_give, covers
from shared.access.schemas import ApiKeyIn, LoginIn, PasswordIn, RegisterIn
from shared.access.sessions import SignedIn, end_sessions, first_membership, forget, open_session
from shared.access.tables import ApiKeyRow, MemberRow, PasswordResetRow, ProjectRow, TenantRow, UserRow
from shared.kernel.errors import Forbidden
from shared.kernel.values import Actor, ActorKind, ProjectId, Role, TenantId
from shared.platform.database import AlreadyTaken
from shared.platform.runtime import Runtime, Tx
from shared.platform.tables import CounterRow

FIRST_PROJECT: Final = "Default"


async def register(runtime: Runtime, given: RegisterIn, *, address: str = "") -> SignedIn:
    """Make a tenant with its owner and first project, and sign the owner in.

    Raises `TooManyAttempts`, `WeakPassword`, `EmailTaken`.
    """
    password_hash = await hash_new_password(runtime, given.password, given.email, address)
    tenant_id, user_id = TenantId(runtime.ids.new()), runtime.ids.new()
    project_id = ProjectId(runtime.ids.new())
    owner = Actor(kind=ActorKind.USER, id=user_id, name=given.email, tenant_id=tenant_id)
    user = UserRow(
        tenant_id=tenant_id,
        id=user_id,
        email=given.email,
        name=given.name,
        password_hash=password_hash,
        tenant_role="owner",
    )
    try:
        async with runtime.transaction(owner, privileged=True) as tx:
            tx.session.add(TenantRow(id=tenant_id, name=given.tenant_name))
            await tx.session.flush()
            tx.session.add(user)
            await add_project(tx, project_id, FIRST_PROJECT, owner_id=user_id)
            tx.record(
                TenantRegistered(project_id=project_id, subject_id=tenant_id, data={"tenant_name": given.tenant_name})
            )
            return open_session(runtime, tx, user, project_id, Role.OWNER)
    except AlreadyTaken:
        raise EmailTaken from None


async def add_project(tx: Tx, project_id: ProjectId, name: str, *, owner_id: UUID) -> ProjectRow:
    """Make a project with its counters and its owner. Only a privileged transaction may."""
    project = ProjectRow(tenant_id=tx.tenant_id, id=project_id, name=name, version=1, created_at=tx.now)
    rows: list[Any] = [
        project,
        MemberRow(
            tenant_id=tx.tenant_id, id=tx.ids.new(), project_id=project_id, user_id=owner_id, role=Role.OWNER.value
        ),
        *(CounterRow(tenant_id=tx.tenant_id, project_id=project_id, name=counter) for counter in ("event", "incident")),
    ]
    for row in rows:
        tx.session.add(row)
        await tx.session.flush()
    return project


async def hash_new_password(runtime: Runtime, password: SecretStr, email: str, address: str) -> str:
    """Return a new person's password as it is stored. Raises `TooManyAttempts`, `WeakPassword`."""
    await count_attempt(runtime, address)
    _check_password(password, email, "password")
    return await runtime.passwords.hash(password.get_secret_value())


async def sign_in(runtime: Runtime, given: LoginIn, *, address: str = "") -> SignedIn:
    """Open a session. Raises `WrongCredentials`, alike and as slowly for unknown people and wrong passwords.

    Raises `TooManyAttempts`, before anything is hashed, and `Unavailable` while attempts cannot be counted.
    """
    await count_attempt(runtime, address, email=given.email)
    async with runtime.system_transaction() as system:
        user = await system.session.scalar(select(UserRow).where(UserRow.email == given.email))
    right = await runtime.passwords.verify(given.password.get_secret_value(), user.password_hash if user else None)
    if user is None:
        raise WrongCredentials
    person = Actor(kind=ActorKind.USER, id=user.id, name=user.email, tenant_id=TenantId(user.tenant_id))
    if not right or user.disabled_at is not None:
        raise WrongCredentials(person)
    async with runtime.transaction(person) as tx:
        # Hashing took a while; whoever changed the password or closed the account meanwhile was first.
        now = await tx.session.scalar(tx.select(UserRow).where(UserRow.id == user.id).with_for_update(read=True))
        if now is None or now.password_hash != user.password_hash or now.disabled_at is not None:
            raise WrongCredentials(person)
        member = await first_membership(tx, user.id)
        if member is None:
            raise WrongCredentials(person)
        return open_session(runtime, tx, user, ProjectId(member.project_id), Role(member.role))


async def change_password(runtime: Runtime, actor: Actor, given: PasswordIn, *, address: str = "") -> None:
    """Give a signed-in person another password, and end their other sessions and the links that they were sent.

    Raises `Forbidden` for programs, `TooManyAttempts`, `WrongPassword`, `WeakPassword`.
    """
    if actor.session_id is None or actor.id is None or actor.tenant_id is None or actor.project_id is None:
        raise Forbidden
    await count_attempt(runtime, address, email=actor.name)
    async with runtime.transaction(actor) as tx:
        known = await tx.session.scalar(tx.select(UserRow).where(UserRow.id == actor.id))
    right = await runtime.passwords.verify(
        given.current_password.get_secret_value(), known.password_hash if known else None
    )
    if known is None or not right:
        raise WrongPassword
    _check_password(given.new_password, known.email, "new_password")
    fresh = await runtime.passwords.hash(given.new_password.get_secret_value())
    async with runtime.transaction(actor) as tx:
        user = await tx.session.scalar(tx.select(UserRow).where(UserRow.id == actor.id).with_for_update())
        if user is None or user.password_hash != known.password_hash:
            raise WrongPassword
        user.password_hash = fresh
        await use_reset_links(tx, actor.id)
        tx.record(PasswordChanged(project_id=actor.project_id, subject_id=actor.id))
        ended = await end_sessions(tx, actor.id, but=actor.session_id)
    await forget(runtime, actor.tenant_id, actor.id, ended)


async def use_reset_links(tx: Tx, user_id: UUID) -> None:
    """Let no link for a forgotten password that was sent to a person be good any more."""
    await tx.session.execute(
        update(PasswordResetRow)
        .where(
            PasswordResetRow.tenant_id == tx.tenant_id,
            PasswordResetRow.user_id == user_id,
            PasswordResetRow.used_at.is_(None),
        )
        .values(used_at=tx.now)
    )


def _check_password(password: SecretStr, email: str, field: str) -> None:
    if reason := weakness(password.get_secret_value(), email):
        raise WeakPassword(errors=[{"field": field, "message": reason}])


async def hold_place(tx: Tx, project_id: ProjectId) -> None:
    """Let nobody take the caller's place from them until this ends; who does then finds what the caller has made.

    Raises `Forbidden` where it has been taken meanwhile, or is less.
    """
    if tx.actor.kind is ActorKind.API_KEY:
        key = tx.select(ApiKeyRow).where(ApiKeyRow.id == tx.actor.id, ApiKeyRow.revoked_at.is_(None))
        is_held = await tx.session.scalar(key.with_for_update(read=True)) is not None
    else:
        user = tx.select(UserRow).where(UserRow.id == tx.actor.id, UserRow.disabled_at.is_(None))
        member = tx.select(MemberRow).where(
            MemberRow.project_id == project_id, MemberRow.user_id == tx.actor.id, MemberRow.removed_at.is_(None)
        )
        is_open = await tx.session.scalar(user.with_for_update(read=True)) is not None
        row = await tx.session.scalar(member.with_for_update(read=True))
        role = tx.actor.role
        is_held = is_open and row is not None and role is not None and covers(Role(row.role), role)
    if not is_held:
        raise Forbidden


async def create_api_key(tx: Tx, project_id: ProjectId, given: ApiKeyIn) -> tuple[ApiKeyRow, str]:
    """Make a key and return it with its row; the key itself is not kept.

    Raises `RoleTooHigh`, `Forbidden`, and `PeopleOnly` for programs, whose keys would outlive their own.
    """
    if tx.actor.kind is not ActorKind.USER:
        raise PeopleOnly
    check_may_give(tx.actor, given.role)
    await hold_place(tx, project_id)
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
        _revoke(tx, row)


async def revoke_api_keys_of(
    tx: Tx, user_id: UUID, *, project_id: ProjectId | None = None, above: Role | None = None
) -> Sequence[UUID]:
    """End the keys that a person made, in one project or in all. Returns them, to disconnect after the commit.

    With `above`, only those of a role that a person of this role may not give.
    """
    query = tx.select(ApiKeyRow).where(ApiKeyRow.created_by == user_id, ApiKeyRow.revoked_at.is_(None))
    if project_id is not None:
        query = query.where(ApiKeyRow.project_id == project_id)
    rows = await tx.session.scalars(query.order_by(ApiKeyRow.id).with_for_update())
    ended = [row for row in rows if above is None or not covers(above, Role(row.role))]
    for row in ended:
        _revoke(tx, row)
    return [row.id for row in ended]


def _revoke(tx: Tx, row: ApiKeyRow) -> None:
    row.revoked_at = tx.now
    tx.record(ApiKeyRevoked(project_id=ProjectId(row.project_id), subject_id=row.id, data={"name": row.name}))
