"""GET /api/projects/{project_id}"""

from functions.http import Call, endpoint
from shared.access import projects
from shared.access.errors import ProjectNotFound
from shared.access.schemas import ProjectOut
from shared.kernel.values import Permission, ProjectId


@endpoint("GET", "projects/{project_id}", needs=Permission.PROJECT_READ, returns=ProjectOut, raises=(ProjectNotFound,))
async def get_project(call: Call[None, None], project_id: ProjectId) -> ProjectOut:
    """Return a project that the caller is in."""
    async with call.transaction() as tx:
        return ProjectOut.of(await projects.get_project(tx, project_id))
