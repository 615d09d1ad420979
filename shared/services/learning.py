"""Learn services and dependencies from what alerts and measurements name.

What people said stays as it is, and what they removed stays away.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from shared.kernel.values import ProjectId
from shared.platform.runtime import Tx
from shared.services import store
from shared.services.commands import add_dependency, add_service
from shared.services.labels import is_service
from shared.services.tables import DependencyRow, ServiceRow
from shared.services.values import MAX_SERVICES, DependencySource, ServiceSource, stronger

_SEEN_AGAIN: Final = timedelta(hours=1)  # what is seen all the time is written down once an hour


async def learn(
    tx: Tx, project_id: ProjectId, names: Collection[str], calls: Collection[tuple[str, str]], source: DependencySource
) -> None:
    """Add the services and the calls (caller, callee) that are not known yet, up to the catalogue's limit."""
    every = {name for name in (*names, *(end for call in calls for end in call)) if is_service(name)}
    if not every or not await _has_news(tx, project_id, every, calls, source):
        return
    await store.lock_catalogue(tx, project_id)
    rows = await store.named(tx, project_id, every)
    room = MAX_SERVICES - await store.count(tx, project_id)
    unknown = sorted(every - await store.names_ever(tx, project_id, every))
    for name in unknown[: max(0, room)]:
        rows[name] = add_service(tx, project_id, {"name": name}, ServiceSource.LEARNED)
    await tx.session.flush()  # services first: dependencies refer to them
    known = await store.dependencies_among(tx, project_id, [row.id for row in rows.values()])
    for caller, callee in sorted(set(calls)):
        if caller in rows and callee in rows and caller != callee:
            _see(tx, rows[caller], rows[callee], known.get((rows[caller].id, rows[callee].id)), source)


async def _has_news(
    tx: Tx, project_id: ProjectId, names: Collection[str], calls: Collection[tuple[str, str]], source: DependencySource
) -> bool:
    """Whether there is anything to write: mostly there is not, and then nobody needs to wait for anybody."""
    if set(names) - await store.names_ever(tx, project_id, names):
        return True
    if not calls:
        return False
    rows = await store.named(tx, project_id, names)
    known = await store.dependencies_among(tx, project_id, [row.id for row in rows.values()])
    pairs = [(rows[caller], rows[callee]) for caller, callee in calls if caller in rows and callee in rows]
    return any(_is_news(tx, known.get((caller.id, callee.id)), source) for caller, callee in pairs)


def _is_news(tx: Tx, row: DependencyRow | None, source: DependencySource) -> bool:
    if row is None:
        return True
    is_stale = tx.now - row.last_seen_at >= _SEEN_AGAIN
    return row.removed_at is None and (is_stale or stronger(source, DependencySource(row.source)) != row.source)


def _see(tx: Tx, caller: ServiceRow, callee: ServiceRow, row: DependencyRow | None, source: DependencySource) -> None:
    if row is None:
        add_dependency(tx, caller, callee, source)
    elif _is_news(tx, row, source):
        row.last_seen_at = max(row.last_seen_at, tx.now)
        row.source = stronger(source, DependencySource(row.source)).value
