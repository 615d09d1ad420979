"""One search over calls and changes: two orders, merged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.audit import calls, changes
from shared.audit.calls import Position
from shared.audit.schemas import AuditQuery, CallOut, ChangeOut
from shared.audit.scope import Scope, Wanted, scope_of, wanted
from shared.kernel.values import Actor
from shared.platform.paging import BadCursor, cursor_at, cursor_of, last_of
from shared.platform.runtime import Runtime

_ENDED = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found[Item]:
    """A page of a search. `next_cursor` is None at the end."""

    items: Sequence[Item]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An entry that may come next, with the cursor of what follows it in its own order."""

    item: CallOut | ChangeOut
    cursor: str


@dataclass(frozen=True, slots=True)
class _Side:
    """The next entries of one order. `begin` is the cursor that they came by, `end` that of what follows them all.

    What follows is not newer than `horizon`; None where nothing does.
    """

    candidates: Sequence[_Candidate]
    begin: str
    end: str = _ENDED
    horizon: datetime | None = None

    def behind(self, taken: int) -> str:
        """Return the cursor that is right once the first `taken` were shown."""
        if taken == len(self.candidates):
            return self.end
        return self.candidates[taken - 1].cursor if taken else self.begin


async def search_calls(runtime: Runtime, actor: Actor, given: AuditQuery) -> Found[CallOut]:
    """Return a page of calls. Raises `BadCursor` and `TablesAway`."""
    start = Position.read(given.cursor) if given.cursor else None
    asked = wanted(given, runtime.clock.now())
    found = await calls.page(runtime, scope_of(actor), asked, start=start, limit=given.limit)
    items = [calls.shown(row) for row in found.rows]
    return Found(items=items, next_cursor=found.next.cursor() if found.next else None)


async def search_changes(runtime: Runtime, actor: Actor, given: AuditQuery) -> Found[ChangeOut]:
    """Return a page of changes. Raises `BadCursor`."""
    asked = wanted(given, runtime.clock.now())
    side = await _changes(runtime, actor, scope_of(actor), asked, given.cursor or "", given.limit)
    items = [one.item for one in side.candidates if isinstance(one.item, ChangeOut)]
    return Found(items=items, next_cursor=None if side.end == _ENDED else side.end)


async def search(runtime: Runtime, actor: Actor, given: AuditQuery) -> Found[CallOut | ChangeOut]:
    """Return a page of both, the newest first. Raises `BadCursor` and `TablesAway`."""
    of_calls, of_changes = _sides(given.cursor) if given.cursor else ("", "")
    asked, scope = wanted(given, runtime.clock.now()), scope_of(actor)
    both = (
        await _calls(runtime, scope, asked, of_calls, given.limit),
        await _changes(runtime, actor, scope, asked, of_changes, given.limit),
    )
    items, taken = _merged(both, given.limit)
    ends = [side.behind(count) for side, count in zip(both, taken, strict=True)]
    is_over = all(end == _ENDED for end in ends)
    return Found(items=items, next_cursor=None if is_over else cursor_of(" ".join(ends)))


async def _calls(runtime: Runtime, scope: Scope, asked: Wanted, cursor: str, limit: int) -> _Side:
    if cursor == _ENDED:
        return _Side([], cursor, _ENDED)
    start = Position.read(cursor) if cursor else None
    found = await calls.page(runtime, scope, asked, start=start, limit=limit)
    candidates = [_Candidate(calls.shown(row), Position.of(row).cursor()) for row in found.rows]
    if found.next is None:
        return _Side(candidates, cursor)
    return _Side(candidates, cursor, found.next.cursor(), found.next.at)


async def _changes(runtime: Runtime, actor: Actor, scope: Scope, asked: Wanted, cursor: str, limit: int) -> _Side:
    if cursor == _ENDED:
        return _Side([], cursor, _ENDED)
    async with runtime.transaction(actor) as tx:
        rows = await changes.page(tx, scope, asked, cursor=cursor or None, limit=limit + 1)
    candidates = [_Candidate(changes.shown(row), cursor_at(row.at, row.id)) for row in rows[:limit]]
    if len(rows) <= limit:
        return _Side(candidates, cursor)
    return _Side(candidates, cursor, candidates[-1].cursor, rows[limit].at)


def _merged(both: tuple[_Side, _Side], limit: int) -> tuple[list[CallOut | ChangeOut], tuple[int, int]]:
    """Return the newest of both, and how many each side gave.

    What one side has not looked at yet may be newer than what the other has: that waits for the next page, unless this
    page would give nothing then and ask the same again.
    """
    items: list[CallOut | ChangeOut] = []
    taken = [0, 0]
    while len(items) < limit:
        heads = [(side.candidates[taken[n]].item, n) for n, side in enumerate(both) if taken[n] < len(side.candidates)]
        if not heads:
            break
        item, newest = max(heads, key=lambda head: head[0].at)
        other = both[1 - newest]
        if other.horizon is not None and item.at < other.horizon and (items or not other.candidates):
            break
        items.append(item)
        taken[newest] += 1
    return items, (taken[0], taken[1])


def _sides(cursor: str) -> tuple[str, str]:
    """Return the two cursors that a cursor of both holds. Raises `BadCursor`."""
    found = last_of(cursor).split(" ")
    if len(found) != 2:  # noqa: PLR2004 - calls and changes
        raise BadCursor
    return found[0], found[1]
