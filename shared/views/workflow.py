"""How far the analysis of an incident is: the one that it shares with others that are the same failure."""

from typing import Self
from uuid import UUID

from shared.hypotheses import store as hypotheses
from shared.hypotheses.analysis import StepType
from shared.incidents import store as incidents
from shared.incidents.schemas import StepOut
from shared.incidents.tables import IncidentRow
from shared.incidents.values import reference
from shared.kernel.values import IncidentId, ProjectId
from shared.platform.runtime import Tx
from shared.platform.wire import Page


class WorkflowOut(Page[StepOut]):
    """The incident's own reception, and the runs of the incident whose analysis explains it: often itself."""

    analysed_incident_id: UUID
    analysed_reference: str

    @classmethod
    def made(cls, steps: list[StepOut], analysed: IncidentRow) -> Self:
        return cls(items=steps, analysed_incident_id=analysed.id, analysed_reference=reference(analysed.number))


async def workflow(tx: Tx, project_id: ProjectId, incident_id: IncidentId) -> WorkflowOut:
    """Return the steps of an incident's analysis. Raises `IncidentNotFound`."""
    incident = (await incidents.get(tx, project_id, incident_id)).incident
    leader_id = await hypotheses.explained_by(tx, incident.id)
    own = await incidents.steps_of(tx, incident.id)
    if leader_id == incident.id:
        return WorkflowOut.made([StepOut.of(row) for row in own], incident)
    leader = (await incidents.get(tx, project_id, IncidentId(leader_id))).incident
    shared = await incidents.steps_of(tx, leader_id)
    received = StepType.ALERT_RECEIVED.value
    rows = (
        *(row for row in own if row.step_type == received),
        *(row for row in shared if row.step_type != received),
    )
    return WorkflowOut.made([StepOut.of(row) for row in rows], leader)
