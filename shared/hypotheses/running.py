"""Runs from begin to end: one at a time for an incident, numbered, and seen by people while they go on."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from shared.hypotheses import news, store
from shared.hypotheses.analysis import Phases, Step, StepStatus, StepType
from shared.hypotheses.tables import AnalysisRow
from shared.hypotheses.together import one_failure
from shared.incidents import store as incidents
from shared.incidents.errors import IncidentNotFound
from shared.incidents.lifecycle import OPEN, State
from shared.incidents.tables import IncidentRow, StepRow
from shared.kernel.errors import Unavailable
from shared.kernel.values import Clock
from shared.platform.runtime import Tx
from shared.platform.snapshots import current_snapshot

LEASE: Final = timedelta(minutes=3)
"""So long a run is believed to go on; after that its process must have died."""

PHASES: Final = (
    StepType.EVIDENCE_COLLECTED,
    StepType.CANDIDATES_GENERATED,
    StepType.HYPOTHESES_SCORED,
    StepType.PUBLISHED,
)

type Transact = Callable[[], AbstractAsyncContextManager[Tx]]


class AnalysisRunning(Unavailable):
    title = "The incident is currently being analysed."


class JustAnalysed(Unavailable):
    title = "The incident was analysed a moment ago."


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A run that has begun: of the incident that explains all of `together`. `seen` is a snapshot from before it.

    `asks_model` says whether the language model is asked beside the rules.
    """

    incident_id: UUID
    number: int
    seen: str
    together: tuple[UUID, ...]
    asks_model: bool


async def begin(tx: Tx, incident_id: UUID, *, by_itself: bool) -> Begun | None:
    """Begin a run of the incident that explains this one; None where none is due.

    What happens `by_itself` waits for the project's policy, for news, and for half a minute since the last run, and for
    what is part of another incident it does not happen; the timer comes back to it. The timer looks at open incidents
    only, so for a closed one with news `JustAnalysed` is raised, and the message comes again. Raises `AnalysisRunning`
    where another run goes on, and `IncidentNotFound`. What somebody asked for is done beside it.

    The language model is asked when somebody asked for the run, and once by itself for incidents that are one failure.
    """
    together = await one_failure(tx, incident_id)
    if not together:
        raise IncidentNotFound
    leader = together[0]
    asked = next(one for one in together if one.id == incident_id)
    if by_itself and not (await incidents.policy(tx, asked.project_id)).auto_analyse:
        return None
    seen: str = (await tx.session.execute(select(current_snapshot()))).scalar_one()
    if by_itself and asked.merged_into is not None:
        await _taken(tx, asked.id, asked.project_id, seen)  # by which the timer knows it, should it be taken out again
        return None
    row = await _taken(tx, leader.id, leader.project_id, seen)
    goes_on = row.running_until is not None and row.running_until > tx.now
    if goes_on and by_itself:
        raise AnalysisRunning
    ids = tuple(one.id for one in together)
    if by_itself and not await _is_due(tx, row, asked, together):
        await _know(tx, ids, leader.id, leader.project_id, row.seen)
        return None
    asks_model = not by_itself or not await store.turned_to_model(tx, ids)
    row.run, row.running_until, row.asked_at = row.run + 1, tx.now + LEASE, tx.now
    if not goes_on:
        await _give_up_steps(tx, leader.id)
    tx.session.add_all(_step_row(tx, leader.id, row.run, kind) for kind in PHASES)
    return Begun(incident_id=leader.id, number=row.run, seen=seen, together=ids, asks_model=asks_model)


@asynccontextmanager
async def watched(transact: Transact, run: Begun, clock: Clock) -> AsyncIterator[Phases]:
    """Let people see a run's phases while they go on. What ends it early leaves them as failed, and the next begins."""

    async def report(step: Step) -> None:
        async with transact() as tx:
            await tell(tx, run, step)

    try:
        yield Phases(clock, report)
    except BaseException:
        async with transact() as tx:
            await _give_up_steps(tx, run.incident_id, run.number)
            await _release(tx, run, {})
        raise


async def tell(tx: Tx, run: Begun, step: Step) -> None:
    """Write down where a phase is."""
    await tx.session.execute(
        update(StepRow)
        .where(
            StepRow.tenant_id == tx.tenant_id,
            StepRow.incident_id == run.incident_id,
            StepRow.run == run.number,
            StepRow.step_type == step.type.value,
        )
        .values(status=step.status.value, started_at=step.started_at, finished_at=step.finished_at, detail=step.detail)
    )


async def end(tx: Tx, run: Begun, project_id: UUID) -> None:
    """Say that a run is published, for all the incidents that it explains."""
    await _release(tx, run, {"seen": run.seen, "analysed_at": tx.now})
    await _know(tx, run.together, run.incident_id, project_id, run.seen)


async def _is_due(tx: Tx, row: AnalysisRow, asked: IncidentRow, together: Sequence[IncidentRow]) -> bool:
    """Whether the machine may begin another run by now. Raises `JustAnalysed` where nobody would come back to it."""
    if row.analysed_at is None:
        return True
    has_rested = row.analysed_at <= tx.now - news.AGAIN_AFTER
    if not has_rested and State(asked.state) in OPEN:
        return False
    has_news = await news.has_news(tx, together, row.seen)
    if has_news and not has_rested:
        raise JustAnalysed
    return has_news


async def _taken(tx: Tx, incident_id: UUID, project_id: UUID, seen: str) -> AnalysisRow:
    """The incident's row, made where there is none, and nobody else's until the transaction ends."""
    await tx.session.execute(
        insert(AnalysisRow)
        .values(
            tenant_id=tx.tenant_id,
            id=incident_id,
            project_id=project_id,
            leader_id=incident_id,
            seen=seen,
            asked_at=tx.now,
        )
        .on_conflict_do_nothing()
    )
    query = tx.select(AnalysisRow).where(AnalysisRow.id == incident_id).with_for_update()
    return (await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one()


async def _know(tx: Tx, ids: Iterable[UUID], leader_id: UUID, project_id: UUID, seen: str) -> None:
    """Say which incident explains these."""
    rows = [
        {
            "tenant_id": tx.tenant_id,
            "id": one,
            "project_id": project_id,
            "leader_id": leader_id,
            "seen": seen,
            "asked_at": tx.now,
        }
        for one in sorted(ids)
    ]
    statement = insert(AnalysisRow).values(rows)
    given = {name: statement.excluded[name] for name in ("leader_id", "seen")}
    await tx.session.execute(
        statement.on_conflict_do_update(index_elements=[AnalysisRow.tenant_id, AnalysisRow.id], set_=given)
    )


async def _release(tx: Tx, run: Begun, values: Mapping[str, Any]) -> None:
    """Let the next run begin, unless this one was given up for dead and another is going on."""
    await tx.session.execute(
        update(AnalysisRow)
        .where(AnalysisRow.tenant_id == tx.tenant_id, AnalysisRow.id == run.incident_id, AnalysisRow.run == run.number)
        .values(running_until=None, **values)
    )


async def _give_up_steps(tx: Tx, incident_id: UUID, run: int | None = None) -> None:
    """Whatever phases of a run go on, or of any, nobody works on them any more."""
    own = (StepRow.tenant_id == tx.tenant_id) & (StepRow.incident_id == incident_id)
    own = own if run is None else own & (StepRow.run == run)
    for before, after in ((StepStatus.RUNNING, StepStatus.FAILED), (StepStatus.PENDING, StepStatus.SKIPPED)):
        await tx.session.execute(
            update(StepRow).where(own, StepRow.status == before.value).values(status=after.value, finished_at=tx.now)
        )


def _step_row(tx: Tx, incident_id: UUID, run: int, kind: StepType) -> StepRow:
    return StepRow(
        tenant_id=tx.tenant_id,
        id=tx.ids.new(),
        incident_id=incident_id,
        run=run,
        step_type=kind.value,
        status=StepStatus.PENDING.value,
        started_at=None,
        finished_at=None,
    )
