"""PUT /api/projects/{project_id}/members/{user_id}"""

from functions.http import Call, endpoint
from shared.access import projects, sessions
from shared.access.errors import LastOwner, MemberNotFound, ProjectNotFound, RoleTooHigh
from shared.access.schemas import MemberIn, MemberOut
from shared.kernel.values import Permission, ProjectId, UserId


@endpoint(
    "PUT",
    "projects/{project_id}/members/{user_id}",
    needs=Permission.MEMBER_WRITE,
    body=MemberIn,
    returns=MemberOut,
    raises=(ProjectNotFound, MemberNotFound, RoleTooHigh, LastOwner),
)
async def set_member(call: Call[MemberIn, None], project_id: ProjectId, user_id: UserId) -> MemberOut:
    """Give somebody of the tenant a role in a project.

    API keys and open invitations of a higher role that they made end.
    """
    async with call.transaction() as tx:
        member, ended = await projects.set_member(tx, project_id, user_id, call.body.role)
    await sessions.forget(call.runtime, tx.tenant_id, user_id, ended.sessions, ended.keys)
    return MemberOut.of(member.user, member.role)
