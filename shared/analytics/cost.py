"""What one incident has cost."""

from typing import Final

from sqlalchemy import func, select

from shared.analytics.facts import statement
from shared.analytics.facts_sql import PRESENT
from shared.analytics.schemas import CostOut, PresentOut
from shared.hypotheses.ai_tables import AiRequestRow
from shared.hypotheses.ai_usage import WAS_SENT
from shared.incidents import store
from shared.kernel.values import IncidentId, ProjectId
from shared.platform.runtime import Tx

_PRESENT: Final = statement(PRESENT)


async def cost(tx: Tx, project_id: ProjectId, incident_id: IncidentId) -> CostOut:
    """Return what an incident has cost so far. Raises `IncidentNotFound`."""
    await store.check_exists(tx, project_id, incident_id)
    present = await tx.session.execute(_PRESENT, {"tenant": tx.tenant_id, "ids": [incident_id]})
    people = [PresentOut(**row) for row in present.mappings()]
    calls, spent, asked, answered = (
        await tx.session.execute(
            select(
                func.count().filter(WAS_SENT),
                func.coalesce(func.sum(AiRequestRow.cost_usd), 0),
                func.coalesce(func.sum(AiRequestRow.input_tokens), 0),
                func.coalesce(func.sum(AiRequestRow.output_tokens), 0),
            ).where(AiRequestRow.tenant_id == tx.tenant_id, AiRequestRow.incident_id == incident_id)
        )
    ).one()
    return CostOut(
        people_seconds=sum(one.seconds for one in people),
        people=people,
        model_calls=calls,
        input_tokens=asked,
        output_tokens=answered,
        model_usd=float(spent),
    )
