"""How the deployment is at this moment, over all tenants: what the metrics show besides the counts. Names no tenant."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from itertools import product
from typing import Final

from sqlalchemy import case, extract, func, select

from shared.alerts.values import Severity
from shared.hypotheses.ai_tables import BudgetRow
from shared.incidents.lifecycle import OPEN
from shared.incidents.tables import IncidentRow
from shared.platform.counting import Totals
from shared.platform.exposition import exposition
from shared.platform.metrics import (
    BUDGET_LIMIT,
    BUDGET_SPENT,
    BUDGET_TENANTS,
    BUDGET_USED,
    DEAD_LETTERS,
    INCIDENTS,
    QUEUE_AGE,
    QUEUE_DEPTH,
    RELAY_LAG,
    RELAY_PENDING,
    SCRAPE_ERRORS,
    Reading,
)
from shared.platform.queues import Queue, poison_of
from shared.platform.runtime import Runtime, SystemTx
from shared.platform.tables import DeadLetterRow, EventRow

log = logging.getLogger(__name__)

KEPT_SECONDS: Final = 5.0
"""How long an answer serves for: several scrapers cost no more than one."""

_DEADLINE: Final = 3.0  # seconds for each part; Prometheus gives up after ten
_MAX_DUE: Final = 10_000
_SHARES: Final = ("under_50", "50_to_80", "80_to_100", "all")

type _Read = Callable[[Runtime], Awaitable[Sequence[Reading]]]


async def scrape(runtime: Runtime) -> bytes:
    """Return all metrics as text. What does not answer in time is missing in it, and `scrape_errors` says so."""
    return await runtime.recent.get("metrics", lambda: _examined(runtime), seconds=KEPT_SECONDS)


async def _examined(runtime: Runtime) -> bytes:
    looks = [_within(name, read(runtime)) for name, read in _PARTS.items()]
    totals, found = await asyncio.gather(_within("counts", runtime.metrics.totals()), asyncio.gather(*looks))
    known = totals or Totals(counts={}, readings=())
    parts = dict(zip(_PARTS, found, strict=True))
    missing = {"counts": totals is None} | {name: readings is None for name, readings in parts.items()}
    return exposition(
        known.counts,
        [
            *known.readings,
            *(reading for readings in parts.values() for reading in readings or ()),
            *(Reading(SCRAPE_ERRORS, float(is_missing), (name,)) for name, is_missing in missing.items()),
        ],
    )


async def _within[Found](part: str, look: Awaitable[Found]) -> Found | None:
    try:
        async with asyncio.timeout(_DEADLINE):
            return await look
    except Exception as error:  # noqa: BLE001 - whatever it is, the other parts are worth showing
        log.warning("metrics are shown without %s: %s", part, type(error).__name__)
        return None


async def _queues(runtime: Runtime) -> Sequence[Reading]:
    names = [name for queue in Queue for name in (queue.value, poison_of(queue))]
    found = await asyncio.gather(*(_queue(runtime, name, runtime.clock.now()) for name in names))
    return [reading for readings in found for reading in readings]


async def _queue(runtime: Runtime, name: str, now: datetime) -> Iterable[Reading]:
    depth = await runtime.queues.depth(name)
    first = await runtime.queues.first_since(name) if depth else None
    age = max(0.0, (now - first).total_seconds()) if first else 0.0
    return Reading(QUEUE_DEPTH, depth, (name,)), Reading(QUEUE_AGE, age, (name,))


async def _database(runtime: Runtime) -> Sequence[Reading]:
    async with runtime.system_transaction() as tx:
        return [*await _relay(tx), *await _incidents(tx), *await _dead_letters(tx), *await _budgets(tx)]


async def _relay(tx: SystemTx) -> Iterable[Reading]:
    due = select(EventRow.due_at).where(EventRow.due_at <= func.now()).limit(_MAX_DUE).subquery()
    lag = extract("epoch", func.now() - func.min(due.c.due_at))
    pending, seconds = (await tx.session.execute(select(func.count(), lag).select_from(due))).one()
    return Reading(RELAY_PENDING, pending), Reading(RELAY_LAG, float(seconds or 0))


async def _incidents(tx: SystemTx) -> Iterable[Reading]:
    query = (
        select(IncidentRow.state, IncidentRow.severity, func.count())
        .where(IncidentRow.state.in_(sorted(OPEN)))
        .group_by(IncidentRow.state, IncidentRow.severity)
    )
    found = {(state, severity): count for state, severity, count in await tx.session.execute(query)}
    return [Reading(INCIDENTS, found.get(at, 0), at) for at in product(sorted(OPEN), Severity)]


async def _dead_letters(tx: SystemTx) -> Iterable[Reading]:
    query = select(DeadLetterRow.source, func.count()).group_by(DeadLetterRow.source)
    found = {row[0]: row[1] for row in await tx.session.execute(query)}
    return [Reading(DEAD_LETTERS, found.get(source, 0), (source,)) for source in sorted({*Queue, *found})]


async def _budgets(tx: SystemTx) -> Iterable[Reading]:
    share = case(
        (BudgetRow.spent_usd >= BudgetRow.limit_usd, "all"),
        (BudgetRow.spent_usd >= BudgetRow.limit_usd * 0.8, "80_to_100"),
        (BudgetRow.spent_usd >= BudgetRow.limit_usd * 0.5, "50_to_80"),
        else_="under_50",
    )
    spent, limit = BudgetRow.spent_usd + BudgetRow.reserved_usd, BudgetRow.limit_usd
    # A budget of nothing is used up by nobody's spending.
    fullest = func.coalesce(func.max(spent / func.nullif(limit, 0)), 0)
    query = (
        select(share, func.count(), func.sum(spent), func.sum(limit), fullest)
        .where(BudgetRow.month == tx.now.date().replace(day=1))
        .group_by(share)
    )
    found = {used: rest for used, *rest in await tx.session.execute(query)}
    return (
        *(Reading(BUDGET_TENANTS, found[used][0] if used in found else 0, (used,)) for used in _SHARES),
        Reading(BUDGET_SPENT, float(sum(spent for _, spent, _, _ in found.values()))),
        Reading(BUDGET_LIMIT, float(sum(limit for _, _, limit, _ in found.values()))),
        Reading(BUDGET_USED, float(max((fullest for *_, fullest in found.values()), default=0))),
    )


async def _realtime(runtime: Runtime) -> Sequence[Reading]:
    return await runtime.connections.readings()


_PARTS: Final[dict[str, _Read]] = {"queues": _queues, "database": _database, "realtime": _realtime}
