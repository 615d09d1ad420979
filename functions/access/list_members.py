"""GET /api/projects/{project_id}/members"""

from functions.http import Call, endpoint
from shared.access import projects
from shared.access.errors import ProjectNotFound
from shared.access.schemas import MemberOut
from shared.kernel.values import Permission, ProjectId
from shared.platform.wire import Page


@endpoint(
    "GET",
    "projects/{project_id}/members",
    needs=Permission.MEMBER_READ,
    returns=Page[MemberOut],
    raises=(ProjectNotFound,),
)
async def list_members(call: Call[None, None], project_id: ProjectId) -> Page[MemberOut]:
    """List a project's people, those who came first at the top."""
    async with call.transaction() as tx:
        members = await projects.list_members(tx, project_id)
    return Page(items=[MemberOut.of(one.user, one.role) for one in members])
