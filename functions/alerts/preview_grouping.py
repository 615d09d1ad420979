"""POST /api/projects/{project_id}/grouping/preview"""

import asyncio

from functions.http import Call, endpoint
from shared.access.errors import ProjectNotFound
from shared.alerts.previews import load_trial
from shared.alerts.replay import compare
from shared.alerts.schemas import PoliciesPatch, PreviewOut
from shared.kernel.values import Permission, ProjectId


@endpoint(
    "POST",
    "projects/{project_id}/grouping/preview",
    needs=Permission.PROJECT_WRITE,
    body=PoliciesPatch,
    returns=PreviewOut,
    raises=(ProjectNotFound,),
)
async def preview_grouping(call: Call[PoliciesPatch, None], project_id: ProjectId) -> PreviewOut:
    """Show what the alerts of the last seven days would have become under changed policies. Nothing is stored."""
    async with call.transaction() as tx:
        trial = await load_trial(tx, project_id, call.body)
    return PreviewOut.of(trial, await asyncio.to_thread(compare, trial))  # a second of work, beside others' calls
