"""Audited calls that Table Storage refuses for good: dead letters, which need a database."""

import json
import logging
from uuid import UUID

from sqlalchemy import select

from shared.kernel.masking import mask_secrets
from shared.kernel.values import TenantId, system_actor
from shared.platform.call_audit import Refused
from shared.platform.dead_letters import bury
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime
from shared.platform.tables import CounterRow

log = logging.getLogger(__name__)


async def bury_call(runtime: Runtime, refused: Refused) -> None:
    """Keep an audited call that the tables refuse, in the tenant's first project, for a call is of no project.

    A call of no tenant that is still there is nobody's to see, so the log has it.
    """
    row, reason = refused
    content = json.dumps(row, ensure_ascii=False)
    if (tenant_id := _tenant_of(row["PartitionKey"])) is not None:
        async with runtime.transaction(system_actor(tenant_id)) as tx:
            first = select(CounterRow.project_id).where(CounterRow.tenant_id == tenant_id)
            project_id = await tx.session.scalar(first.order_by(CounterRow.project_id).limit(1))
            if project_id is not None:
                await bury(tx, project_id=project_id, source=Queue.AUDIT.value, reason=reason, content=content)
                return
    log.error("a call was not audited (%s): %.1000s", reason, mask_secrets(content))


def _tenant_of(partition: str) -> TenantId | None:
    try:
        return TenantId(UUID(partition.partition("_")[0]))
    except ValueError:
        return None
