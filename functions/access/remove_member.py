"""DELETE /api/projects/{project_id}/members/{user_id}"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.access import projects, sessions
from shared.access.errors import LastOwner, MemberNotFound, ProjectNotFound, RoleTooHigh, TenantOwnerShutOut
from shared.kernel.values import Permission, ProjectId, UserId


@endpoint(
    "DELETE",
    "projects/{project_id}/members/{user_id}",
    needs=Permission.MEMBER_WRITE,
    status=HTTPStatus.NO_CONTENT,
    raises=(ProjectNotFound, MemberNotFound, RoleTooHigh, LastOwner, TenantOwnerShutOut),
)
async def remove_member(call: Call[None, None], project_id: ProjectId, user_id: UserId) -> None:
    """Take somebody out of a project.

    The API keys and open invitations that they made in it end.
    """
    async with call.transaction() as tx:
        ended = await projects.remove_member(tx, project_id, user_id)
    await sessions.forget(call.runtime, tx.tenant_id, user_id, ended.sessions, ended.keys)
