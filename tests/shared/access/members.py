"""A person in two projects, and what a change in one of them does to both."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from shared.access import projects
from shared.access.commands import add_project
from shared.access.tables import MemberRow, UserRow
from shared.kernel.values import Actor, ActorKind, ProjectId, Role, TenantId
from shared.platform.runtime import Runtime, Tx
from tests.fixtures import sign_up

type Change = Callable[[Tx, ProjectId, UUID], Awaitable[object]]


async def demote(tx: Tx, project_id: ProjectId, user_id: UUID) -> object:
    return await projects.set_member(tx, project_id, user_id, Role.VIEWER)


async def remove(tx: Tx, project_id: ProjectId, user_id: UUID) -> object:
    return await projects.remove_member(tx, project_id, user_id)


CHANGES: Mapping[str, tuple[Change, Role | None]] = {
    "set_member": (demote, Role.VIEWER),
    "remove_member": (remove, None),
}


async def roles_after(runtime: Runtime, change: Change) -> list[Role | None]:
    """Make an engineer of two projects, change them in the younger one, and return their roles, that one's last."""
    account = await sign_up(runtime)
    first, second = ProjectId(account.project_id), ProjectId(runtime.ids.new())
    user_id = runtime.ids.new()
    tenant_id = TenantId(account.tenant_id)
    owner = Actor(kind=ActorKind.USER, id=account.user_id, tenant_id=tenant_id, project_id=second, role=Role.OWNER)
    async with runtime.transaction(owner, privileged=True) as tx:
        await add_project(tx, second, "Second", owner_id=account.user_id)
        common = {"tenant_id": tenant_id, "tenant_role": "member", "password_hash": "none", "name": "Ann"}
        tx.session.add(UserRow(**common, id=user_id, email=f"{user_id}@example.com"))
        await tx.session.flush()
        for project_id in (first, second):
            row_id, role = tx.ids.new(), Role.ENGINEER.value
            tx.session.add(MemberRow(tenant_id=tenant_id, id=row_id, project_id=project_id, user_id=user_id, role=role))
            await tx.session.flush()
    async with runtime.transaction(owner) as tx:
        await change(tx, second, user_id)
    async with runtime.transaction(owner) as tx:
        rows = await tx.session.scalars(
            tx.select(MemberRow).where(MemberRow.user_id == user_id).order_by(MemberRow.project_id)
        )
        return [Role(row.role) if row.removed_at is None else None for row in rows]
