"""GET /api/projects/{project_id}/policies"""

from functions.http import Call, endpoint
from shared.access import projects
from shared.access.errors import ProjectNotFound
from shared.alerts.schemas import PoliciesOut
from shared.kernel.values import Permission, ProjectId


@endpoint(
    "GET",
    "projects/{project_id}/policies",
    needs=Permission.PROJECT_READ,
    returns=PoliciesOut,
    raises=(ProjectNotFound,),
)
async def get_policies(call: Call[None, None], project_id: ProjectId) -> PoliciesOut:
    """Show all policies of a project, defaults included."""
    async with call.transaction() as tx:
        return PoliciesOut.of(await projects.get_project(tx, project_id))
