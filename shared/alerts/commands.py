"""Change a project's policies."""

from shared.access.projects import lock_project
from shared.access.tables import ProjectRow
from shared.alerts.events import PoliciesChanged
from shared.alerts.policies import differences, policy_of
from shared.alerts.schemas import PoliciesPatch
from shared.kernel.errors import check_version
from shared.kernel.values import ProjectId
from shared.platform.runtime import Tx


async def change_policies(
    tx: Tx, project_id: ProjectId, given: PoliciesPatch, *, expected: int | None = None
) -> ProjectRow:
    """Change what `given` names. Alerts that are stored already stay where they are.

    Raises `StaleVersion`.
    """
    row = await lock_project(tx, project_id)
    check_version(row.version, expected)
    before = policy_of(row.policies)
    stored = given.over(row.policies)
    if changes := differences(before, policy_of(stored)):
        row.version += 1
        tx.record(PoliciesChanged(project_id=project_id, subject_id=project_id, changes=changes))
    row.policies = stored
    return row
