"""Somebody wants an incident's hypotheses: one request at a time, handled by the queue.

Incidents that are one failure share their requests as they share the analysis: what is claimed is its leader.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import UUID

from shared.hypotheses import store
from shared.hypotheses.asking import lock_of
from shared.hypotheses.errors import AlreadyGenerating
from shared.hypotheses.events import HypothesesRequested
from shared.hypotheses.schemas import GenerateIn
from shared.hypotheses.store import Run
from shared.hypotheses.together import one_failure
from shared.incidents import store as incidents
from shared.kernel.events import Recorded
from shared.kernel.values import IncidentId, ProjectId
from shared.platform.runtime import Runtime, Tx

type Open = Callable[[], AbstractAsyncContextManager[Tx]]


@asynccontextmanager
async def _claiming(runtime: Runtime, analysed_id: UUID) -> AsyncIterator[str]:
    """Claim an incident's next run for one request, until it is finished or a minute is over; gives the claim's owner.

    Let go of when the request fails. Raises `AlreadyGenerating` and `LocksAway`.
    """
    owner = str(runtime.ids.new())
    locks, claim, lock = runtime.locks, _claim_of(analysed_id), lock_of(analysed_id)
    if not await locks.take(claim, owner):
        raise AlreadyGenerating(retry_after=await locks.seconds_left(claim))
    if await runtime.patient_cache.get(lock) is not None:
        await locks.release(claim, owner)
        raise AlreadyGenerating(retry_after=await locks.seconds_left(lock))
    try:
        yield owner
    except BaseException:
        await locks.release(claim, owner)
        raise


async def request(
    runtime: Runtime, transaction: Open, project_id: ProjectId, incident_id: IncidentId, given: GenerateIn
) -> tuple[Run, bool]:
    """Return the last run, and whether another one was queued: where there is none, or on `refresh`.

    Raises `IncidentNotFound`, `AlreadyGenerating` and `LocksAway`.
    """
    async with transaction() as tx:
        await incidents.get(tx, project_id, incident_id)
        found = await store.shown(tx, incident_id)
        analysed_id = (await one_failure(tx, incident_id))[0].id
    if found.number and not given.refresh:
        return found, False
    async with _claiming(runtime, analysed_id) as owner, transaction() as tx:
        data = {"refresh": given.refresh, "owner": owner, "analysed_incident_id": analysed_id}
        tx.record(
            HypothesesRequested(project_id=project_id, subject_id=incident_id, incident_id=incident_id, data=data)
        )
    return found, True


def is_request(event: Recorded) -> bool:
    """Whether somebody asked for what an event sets off."""
    return event.type == HypothesesRequested.type


async def finish(runtime: Runtime, event: Recorded) -> None:
    """Let go of the claim of a request that has been handled."""
    if is_request(event):
        # Those recorded before links were asked for do not say whose analysis it is.
        claim = _claim_of(event.data.get("analysed_incident_id", event.subject_id))
        await runtime.locks.release(claim, event.data["owner"])


def _claim_of(analysed_id: object) -> str:
    return f"ai:requested:{analysed_id}"
