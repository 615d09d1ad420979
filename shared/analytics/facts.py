"""Gathering the facts of incidents, so that reads need not compute them anew.

A reader adds what is not gathered yet (`Unseen`), so every answer is exact, however late the timer is. What that is,
snapshots tell: what commits late is found all the same, and whatever changes an old incident corrects its old day.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, DateTime, Integer, Text, TextClause, Uuid, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import TypeEngine

from shared.analytics.buckets import Block, Pieces
from shared.analytics.facts_sql import NEXT_OF_ALL, NEXT_STALE, PROJECTS_WITH_NEWS
from shared.analytics.rollups_sql import STEPS, STORE
from shared.analytics.tables import ProgressRow
from shared.kernel.values import ProjectId, TenantId, system_actor
from shared.platform.runtime import Runtime, Tx
from shared.platform.snapshots import current_snapshot
from shared.platform.turns import spared

_AT_ONCE: Final = 2_000  # incidents in a transaction
_MAX_BATCHES: Final = 25  # of one run of the timer, unless more projects have news
_TIME: Final = DateTime(timezone=True)
_TYPES: Final[Mapping[str, TypeEngine[Any]]] = {
    "tenant": Uuid(),
    "project": Uuid(),
    "seen": Text(),
    "floor": BigInteger(),
    "coming": Text(),
    "reached": Uuid(),
    "ids": ARRAY(Uuid()),
    "steps": ARRAY(Integer()),
    "since": _TIME,
    "until": _TIME,
    "bounds": ARRAY(_TIME),
    **{f"{block}_{one.name}": ARRAY(_TIME) for block in Block for one in fields(Pieces)},
    "severities": ARRAY(Text()),
    "services": ARRAY(Text()),
    "person": Uuid(),
    "most": Integer(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """What the stored facts of a project do not know; by default they know nothing. See `ProgressRow`."""

    seen: str | None = None
    floor: int = 0
    coming: str | None = None
    reached: UUID | None = None


def statement(sql: str) -> TextClause:
    """Return a statement whose usual parameters have their types."""
    found = text(sql)
    known = [bindparam(name, type_=kind) for name, kind in _TYPES.items() if f":{name}" in sql]
    return found.bindparams(*known)


_NEXT_STALE: Final = statement(NEXT_STALE)
_NEXT_OF_ALL: Final = statement(NEXT_OF_ALL)
_STORE: Final = statement(STORE)


async def gather_all(runtime: Runtime) -> int:
    """Gather the facts of every project that has news, a batch each in turn; return how many incidents that were."""
    async with runtime.system_transaction() as system:
        found = await system.session.execute(text(PROJECTS_WITH_NEWS))
        waiting = deque((tenant_id, project_id) for tenant_id, project_id in found)
    gathered, left = 0, max(_MAX_BATCHES, len(waiting))
    while waiting and left:
        tenant_id, project_id = waiting.popleft()
        batch = _gather_batch(runtime, TenantId(tenant_id), ProjectId(project_id))
        count = await spared(batch, f"gathering the facts of project {project_id}") or 0
        gathered, left = gathered + count, left - 1
        if count == _AT_ONCE:
            waiting.append((tenant_id, project_id))
    return gathered


async def _gather_batch(runtime: Runtime, tenant_id: TenantId, project_id: ProjectId) -> int:
    async with runtime.transaction(system_actor(tenant_id)) as tx:
        return await gather(tx, project_id)


async def gather(tx: Tx, project_id: ProjectId) -> int:
    """Gather the facts of a batch of incidents that have news; return how many. Fewer than a batch are the last ones.

    Whoever else gathers waits, and goes on behind.
    """
    await tx.session.execute(insert(ProgressRow).values(tenant_id=tx.tenant_id, id=project_id).on_conflict_do_nothing())
    progress = (
        await tx.session.scalars(tx.select(ProgressRow).where(ProgressRow.id == project_id).with_for_update())
    ).one()
    known = await unseen(tx, project_id)
    if known.seen is None and progress.seen is not None:
        progress.seen = progress.coming = progress.reached = None
    now_seen = (await tx.session.execute(select(current_snapshot()))).scalar_one()
    progress.coming = progress.coming or now_seen
    ids = await _next(tx, project_id, Unseen(seen=known.seen, floor=known.floor, reached=progress.reached))
    await _store(tx, project_id, ids)
    if len(ids) == _AT_ONCE:
        progress.reached = ids[-1]
    else:
        progress.seen, progress.coming, progress.reached = progress.coming, None, None
        progress.floor = int(progress.seen.partition(":")[0])
    return len(ids)


async def unseen(tx: Tx, project_id: ProjectId) -> Unseen:
    """Return what the stored facts do not know. Snapshots ahead of the server's own are another server's."""
    is_ours = func.pg_snapshot_xmax(func.pg_snapshot(ProgressRow.seen)) <= func.pg_snapshot_xmax(
        func.pg_current_snapshot()
    )
    found = await tx.session.execute(
        select(ProgressRow.seen, ProgressRow.floor, ProgressRow.coming, ProgressRow.reached).where(
            ProgressRow.tenant_id == tx.tenant_id, ProgressRow.id == project_id, is_ours | ProgressRow.seen.is_(None)
        )
    )
    row = found.one_or_none()
    return Unseen(seen=row[0], floor=row[1], coming=row[2], reached=row[3]) if row else Unseen()


def place(tx: Tx, project_id: ProjectId, known: Unseen) -> dict[str, Any]:
    """Return the parameters that tell whose incidents a statement is about, and what the facts do not know of them."""
    return {"tenant": tx.tenant_id, "project": project_id, **asdict(known)}


async def _next(tx: Tx, project_id: ProjectId, known: Unseen) -> Sequence[UUID]:
    given = place(tx, project_id, known) | {"most": _AT_ONCE}
    chosen = _NEXT_OF_ALL if known.seen is None else _NEXT_STALE
    return (await tx.session.scalars(chosen, given)).all()


async def _store(tx: Tx, project_id: ProjectId, ids: Sequence[UUID]) -> None:
    given = {"tenant": tx.tenant_id, "project": project_id, "ids": list(ids), "steps": STEPS}
    await tx.session.execute(_STORE, given)
