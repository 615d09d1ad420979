"""POST /api/projects"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.access import projects
from shared.access.schemas import NameIn, ProjectOut
from shared.kernel.values import Permission


@endpoint(
    "POST",
    "projects",
    needs=Permission.TENANT_WRITE,
    body=NameIn,
    returns=ProjectOut,
    status=HTTPStatus.CREATED,
)
async def create_project(call: Call[NameIn, None]) -> ProjectOut:
    """Make a project; the caller becomes its owner."""
    async with call.transaction(privileged=True) as tx:
        row = await projects.create_project(tx, call.body.name)
    await projects.forget_rights(call.runtime, call.actor)
    return ProjectOut.of(row)
