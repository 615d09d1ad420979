"""PATCH /api/projects/{project_id}"""

from functions.http import Call, endpoint
from shared.access import projects
from shared.access.errors import ProjectNotFound
from shared.access.schemas import NameIn, ProjectOut
from shared.kernel.errors import StaleVersion
from shared.kernel.values import Permission, ProjectId


@endpoint(
    "PATCH",
    "projects/{project_id}",
    needs=Permission.PROJECT_WRITE,
    body=NameIn,
    returns=ProjectOut,
    raises=(ProjectNotFound, StaleVersion),
)
async def update_project(call: Call[NameIn, None], project_id: ProjectId) -> ProjectOut:
    """Rename a project."""
    async with call.transaction() as tx:
        row = await projects.rename_project(tx, project_id, call.body.name, expected=call.if_match)
    return ProjectOut.of(row)
