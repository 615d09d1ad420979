"""The tenant, its projects, and their members."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from shared.access.commands import add_project, revoke_api_keys_of
from shared.access.errors import LastOwner, MemberNotFound, TenantOwnerShutOut
from shared.access.events import MemberChanged, MemberRemoved, ProjectCreated, ProjectUpdated, TenantUpdated
from shared.access.invitations import revoke_invitations_of
from shared.access.permissions import check_may_give, covers
from shared.access.schemas import TenantPatch
from shared.access.sessions import Ended, forget, live_sessions
from shared.access.tables import MemberRow, ProjectRow, TenantRow, UserRow
from shared.kernel.errors import Forbidden, check_version
from shared.kernel.values import Actor, ActorKind, ProjectId, Role
from shared.platform.runtime import Runtime, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in a project."""

    user: UserRow
    role: Role


async def get_tenant(tx: Tx) -> TenantRow:
    """Return the caller's own tenant."""
    return await tx.session.get_one(TenantRow, tx.tenant_id)


async def update_tenant(tx: Tx, project_id: ProjectId, given: TenantPatch, *, expected: int | None) -> TenantRow:
    """Change what is named of the tenant. Raises `StaleVersion`."""
    row = await tx.session.get_one(TenantRow, tx.tenant_id, with_for_update=True)
    check_version(row.version, expected)
    wanted = given.wanted().items()
    changes = {name: (getattr(row, name), value) for name, value in wanted if getattr(row, name) != value}
    for name, (_, value) in changes.items():
        setattr(row, name, value)
    if changes:
        row.version += 1
        tx.record(TenantUpdated(project_id=project_id, subject_id=row.id, changes=changes))
    return row


async def create_project(tx: Tx, name: str) -> ProjectRow:
    """Make a project, whose owner is the caller. Only a privileged transaction may. Raises `Forbidden` for programs."""
    if tx.actor.session_id is None or tx.actor.id is None:
        raise Forbidden
    row = await add_project(tx, ProjectId(tx.ids.new()), name, owner_id=tx.actor.id)
    tx.record(ProjectCreated(project_id=ProjectId(row.id), subject_id=row.id, data={"name": name}))
    return row


async def forget_rights(runtime: Runtime, actor: Actor) -> None:
    """Have a person's rights read anew on their next call."""
    if actor.id is None or actor.tenant_id is None:
        return
    async with runtime.transaction(actor) as tx:
        changed = await live_sessions(tx, actor.id)
    await forget(runtime, actor.tenant_id, actor.id, changed)


async def list_projects(tx: Tx) -> Sequence[ProjectRow]:
    """Return the projects that the caller is in, oldest first."""
    query = tx.select(ProjectRow).order_by(ProjectRow.id)
    if tx.actor.kind is ActorKind.USER:
        own = select(MemberRow.project_id).where(
            MemberRow.tenant_id == tx.tenant_id, MemberRow.user_id == tx.actor.id, MemberRow.removed_at.is_(None)
        )
        query = query.where(ProjectRow.id.in_(own))
    else:
        query = query.where(ProjectRow.id == tx.actor.project_id)
    return (await tx.session.scalars(query)).all()


async def get_project(tx: Tx, project_id: ProjectId) -> ProjectRow:
    """Return a project that the caller was let into."""
    return await tx.session.get_one(ProjectRow, (tx.tenant_id, project_id))


async def rename_project(tx: Tx, project_id: ProjectId, name: str, *, expected: int | None) -> ProjectRow:
    """Rename a project. Raises `StaleVersion`."""
    row = await lock_project(tx, project_id)
    check_version(row.version, expected)
    before, row.name = row.name, name
    row.version += 1
    tx.record(ProjectUpdated(project_id=project_id, subject_id=project_id, changes={"name": (before, name)}))
    return row


async def list_members(tx: Tx, project_id: ProjectId) -> Sequence[Member]:
    """Return a project's people, those who came first at the top."""
    found = await tx.session.execute(
        select(UserRow, MemberRow.role)
        .join(MemberRow, (MemberRow.tenant_id == UserRow.tenant_id) & (MemberRow.user_id == UserRow.id))
        .where(UserRow.tenant_id == tx.tenant_id, MemberRow.project_id == project_id, MemberRow.removed_at.is_(None))
        .order_by(MemberRow.id)
    )
    return [Member(user=user, role=Role(role)) for user, role in found]


async def set_member(tx: Tx, project_id: ProjectId, user_id: UUID, role: Role) -> tuple[Member, Ended]:
    """Give somebody of the tenant a role in a project. Returns also their sessions, to forget after the commit.

    With a higher role end the API keys and open invitations that they made and could not make in the lower one.
    Raises `MemberNotFound` for whoever is not in the tenant, `RoleTooHigh` where the old or the new role is above the
    caller's own, `LastOwner`.
    """
    await lock_project(tx, project_id)
    user = await tx.session.scalar(tx.select(UserRow).where(UserRow.id == user_id))
    if user is None:
        raise MemberNotFound
    row = await tx.session.scalar(
        tx.select(MemberRow).where(MemberRow.project_id == project_id, MemberRow.user_id == user_id)
    )
    before = Role(row.role) if row is not None and row.removed_at is None else None
    check_may_give(tx.actor, role)
    if before is not None:
        check_may_give(tx.actor, before)
    if before is Role.OWNER and role is not Role.OWNER:
        await _check_other_owner(tx, project_id, user_id)
    if row is None:
        row = MemberRow(tenant_id=tx.tenant_id, id=tx.ids.new(), project_id=project_id, user_id=user_id)
        tx.session.add(row)
    row.role, row.removed_at = role.value, None
    keys: Sequence[UUID] = ()
    if before is not None and not covers(role, before):
        keys = await revoke_api_keys_of(tx, user_id, project_id=project_id, above=role)
        await revoke_invitations_of(tx, user_id, project_id=project_id, above=role)
    if before is not role:
        changes = {"role": (before.value if before else None, role.value)}
        tx.record(MemberChanged(project_id=project_id, subject_id=user_id, changes=changes))
    return Member(user=user, role=role), Ended(sessions=await live_sessions(tx, user_id), keys=keys)


async def remove_member(tx: Tx, project_id: ProjectId, user_id: UUID) -> Ended:
    """Take somebody out of a project. Returns their sessions and what ended, to forget after the commit.

    With their place end the API keys and the open invitations that they made in the project.
    Raises `MemberNotFound`, `RoleTooHigh` for whoever is above the caller, `LastOwner`, `TenantOwnerShutOut`.
    """
    await lock_project(tx, project_id)
    row = await tx.session.scalar(
        tx.select(MemberRow).where(
            MemberRow.project_id == project_id, MemberRow.user_id == user_id, MemberRow.removed_at.is_(None)
        )
    )
    if row is None:
        raise MemberNotFound
    role = Role(row.role)
    check_may_give(tx.actor, role)
    if role is Role.OWNER:
        await _check_other_owner(tx, project_id, user_id)
    await _check_not_shut_out(tx, project_id, user_id)
    row.removed_at = tx.now
    tx.record(MemberRemoved(project_id=project_id, subject_id=user_id, changes={"role": (role.value, None)}))
    keys = await revoke_api_keys_of(tx, user_id, project_id=project_id)
    await revoke_invitations_of(tx, user_id, project_id=project_id)
    return Ended(sessions=await live_sessions(tx, user_id), keys=keys)


async def lock_project(tx: Tx, project_id: ProjectId) -> ProjectRow:
    """Lock a project that the caller was let into, so that it and its members change one at a time.

    What only refers to the project goes on: it may hold what is to be locked next.
    """
    return await tx.session.get_one(ProjectRow, (tx.tenant_id, project_id), with_for_update={"key_share": True})


async def _check_other_owner(tx: Tx, project_id: ProjectId, user_id: UUID) -> None:
    others = await tx.session.scalar(
        select(func.count())
        .select_from(MemberRow)
        .join(UserRow, (MemberRow.tenant_id == UserRow.tenant_id) & (MemberRow.user_id == UserRow.id))
        .where(
            MemberRow.tenant_id == tx.tenant_id,
            MemberRow.project_id == project_id,
            MemberRow.user_id != user_id,
            MemberRow.role == Role.OWNER.value,
            MemberRow.removed_at.is_(None),
            UserRow.disabled_at.is_(None),
        )
    )
    if not others:
        raise LastOwner


async def _check_not_shut_out(tx: Tx, project_id: ProjectId, user_id: UUID) -> None:
    """Refuse to take the tenant's owner, whose place nobody can take, out of the last of their projects.

    Their account is locked, so that two projects do not let them go at once.
    """
    user = (await tx.session.scalars(tx.select(UserRow).where(UserRow.id == user_id).with_for_update())).one()
    others = tx.select(MemberRow).where(
        MemberRow.user_id == user_id, MemberRow.project_id != project_id, MemberRow.removed_at.is_(None)
    )
    if user.tenant_role == "owner" and await tx.session.scalar(others.limit(1)) is None:
        raise TenantOwnerShutOut
