"""PATCH /api/projects/{project_id}/policies"""

from functions.http import Call, endpoint
from shared.access.errors import ProjectNotFound
from shared.alerts import commands
from shared.alerts.schemas import PoliciesOut, PoliciesPatch
from shared.kernel.errors import StaleVersion
from shared.kernel.values import Permission, ProjectId


@endpoint(
    "PATCH",
    "projects/{project_id}/policies",
    needs=Permission.PROJECT_WRITE,
    body=PoliciesPatch,
    returns=PoliciesOut,
    raises=(ProjectNotFound, StaleVersion),
)
async def update_policies(call: Call[PoliciesPatch, None], project_id: ProjectId) -> PoliciesOut:
    """Change policies of a project: what is absent stays, null is the default again. New alerts follow at once."""
    async with call.transaction() as tx:
        row = await commands.change_policies(tx, project_id, call.body, expected=call.if_match)
    return PoliciesOut.of(row)
