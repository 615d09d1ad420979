"""POST /api/incidents/{incident_id}/transitions"""

from functions.http import Call, endpoint
from shared.incidents import commands, store
from shared.incidents.errors import AnotherIncidentOpen, IllegalTransition, IncidentNotFound, NoteNeeded, PutAway
from shared.incidents.schemas import IncidentOut, TransitionIn
from shared.kernel.errors import StaleVersion
from shared.kernel.values import IncidentId, Permission


@endpoint(
    "POST",
    "incidents/{incident_id}/transitions",
    needs=Permission.INCIDENT_TRANSITION,
    body=TransitionIn,
    returns=IncidentOut,
    raises=(IncidentNotFound, StaleVersion, PutAway, IllegalTransition, NoteNeeded, AnotherIncidentOpen),
)
async def transition_incident(call: Call[TransitionIn, None], incident_id: IncidentId) -> IncidentOut:
    """Move an incident to another state of its life."""
    async with call.transaction() as tx:
        await commands.transition(
            tx, call.project_id, incident_id, to=call.body.to, note=call.body.note, expected=call.if_match
        )
        found = await store.get(tx, call.project_id, incident_id)
    return IncidentOut.of(found, call.actor)
