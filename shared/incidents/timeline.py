"""Pages of an incident's timeline that miss nothing.

An event's position is taken before its transaction commits, so a page that begins behind the last position would
never show an event of a slow transaction. A cursor therefore holds what its first page could see (PostgreSQL's
snapshot): the following pages show the rest of that, and then, as a further round, what was committed since.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import and_, not_, select

from shared.platform.paging import BadCursor, cursor_of, last_of
from shared.platform.runtime import Tx
from shared.platform.snapshots import came_after, current_snapshot
from shared.platform.tables import EventRow

_CURSOR: Final = re.compile(r"(\d{1,18})/(\d{1,18}:\d{1,18}:[\d,]{0,8000})/((?:\d{1,18}:\d{1,18}:[\d,]{0,8000})?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What some pages show: what `seen` sees and `before` did not, behind the position `after`."""

    after: int
    seen: str
    before: str = ""

    def cursor(self) -> str:
        return cursor_of(f"{self.after}/{self.seen}/{self.before}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePage:
    """One page of the timeline."""

    events: Sequence[EventRow]
    next_cursor: str | None


async def page(tx: Tx, incident_id: UUID, *, cursor: str | None, limit: int) -> TimelinePage:
    """Return a page of an incident's events in the order they were recorded. Raises `BadCursor`."""
    round_ = round_of(cursor) if cursor else None
    shown = EventRow.position > (round_.after if round_ else 0)
    if round_ is not None:
        shown = and_(shown, not_(came_after(round_.seen)))
        if round_.before:
            shown = and_(shown, came_after(round_.before))
    events = (
        await tx.session.execute(
            tx.select(EventRow)
            .add_columns(current_snapshot())
            .where(EventRow.incident_id == incident_id, shown)
            .order_by(EventRow.position)
            .limit(limit + 1)
        )
    ).all()
    rows = [row[0] for row in events[:limit]]
    if len(events) > limit:
        seen, before = (round_.seen, round_.before) if round_ else (events[0][1], "")
        return TimelinePage(events=rows, next_cursor=Round(after=rows[-1].position, seen=seen, before=before).cursor())
    return TimelinePage(events=rows, next_cursor=await _next_round(tx, incident_id, round_) if round_ else None)


def round_of(cursor: str) -> Round:
    """Return what a cursor stands for. Raises `BadCursor`."""
    found = _CURSOR.fullmatch(last_of(cursor))
    if found is None or not all(_is_snapshot(text) for text in found.groups()[1:] if text):
        raise BadCursor
    return Round(after=int(found[1]), seen=found[2], before=found[3])


def _is_snapshot(text: str) -> bool:
    """Whether PostgreSQL would take a text as a snapshot: running transactions within its bounds, in order."""
    first, end, running = text.split(":")
    ids = [int(one or 0) for one in running.split(",")] if running else []
    return 0 < int(first) <= int(end) and all(int(first) <= one < int(end) for one in ids) and ids == sorted(set(ids))


async def _next_round(tx: Tx, incident_id: UUID, ended: Round) -> str | None:
    """Return the cursor of what was committed since a round began, None when nothing was."""
    now = await tx.session.scalar(
        select(current_snapshot())
        .select_from(EventRow)
        .where(EventRow.tenant_id == tx.tenant_id, EventRow.incident_id == incident_id, came_after(ended.seen))
        .limit(1)
    )
    return Round(after=0, seen=now, before=ended.seen).cursor() if now else None
