"""GET /api/projects"""

from functions.http import Call, endpoint
from shared.access import projects
from shared.access.schemas import ProjectOut
from shared.kernel.values import Permission
from shared.platform.wire import Page


@endpoint("GET", "projects", needs=Permission.PROJECT_READ, returns=Page[ProjectOut])
async def list_projects(call: Call[None, None]) -> Page[ProjectOut]:
    """List the projects that the caller is in, oldest first."""
    async with call.transaction() as tx:
        rows = await projects.list_projects(tx)
    return Page(items=[ProjectOut.of(row) for row in rows])
