"""Sums over the audit: sealed days were counted when they were sealed, the others are counted now."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from shared.audit import calls, changes
from shared.audit.days import Days, days_of
from shared.audit.schemas import (
    ActionTotalsOut,
    ActorOut,
    DaysQuery,
    DayTotalsOut,
    FirstTimeOut,
    PersonTotalsOut,
    StatsOut,
    TotalsOut,
)
from shared.audit.scope import Scope, scope_of
from shared.audit.seals import Key, key_of_call, key_of_change
from shared.audit.tables import CountRow, SealRow
from shared.audit.values import EntryKind, Outcome, day_of
from shared.kernel.values import Actor, ActorKind
from shared.platform.runtime import Runtime, Tx

_MAX_COUNTED: Final = 20_000  # entries of a kind, of days without a seal
_MAX_SHOWN: Final = 100

type Counts = Counter[tuple[date, Key]]


class Who(NamedTuple):
    """A person or a program, whatever they were called."""

    kind: str
    id: UUID | None


async def stats(runtime: Runtime, actor: Actor, given: DaysQuery) -> StatsOut:
    """Sum up what the caller may see of some days. Raises `BadDays` and `TablesAway`."""
    today = day_of(runtime.clock.now())
    days, scope = days_of(given, today), scope_of(actor)
    async with runtime.transaction(actor) as tx:
        counts = await _sealed(tx, scope, days)
        last = await tx.session.scalar(select(func.max(SealRow.day)).where(SealRow.tenant_id == tx.tenant_id))
        known = await _first_days(tx, scope)
    open_from = max(days.since, last + timedelta(days=1)) if last else days.since
    day = min(days.until, today)
    left = _MAX_COUNTED
    while day >= open_from and left > 0:
        found = await _count(runtime, scope, day, left)
        counts.update({(day, key): count for key, count in found.items()})
        left -= found.total()
        day -= timedelta(days=1)
    return _summed(days, counts, known, is_whole=left > 0)


def _summed(days: Days, counts: Counts, known: Mapping[tuple[Who, str], date], *, is_whole: bool) -> StatsOut:
    names = {_who(key): key.actor_name for _, key in sorted(counts, key=lambda one: one[0])}
    by_person = _grouped(counts, lambda _, key: _who(key))
    by_action = _grouped(counts, lambda _, key: key.action)
    by_day = _grouped(counts, lambda day, _: day)
    firsts = dict(known)
    for day, key in counts:
        if key.outcome is Outcome.OK and key.kind is EntryKind.CALL:
            firsts[_who(key), key.action] = min(day, firsts.get((_who(key), key.action), day))
    return StatsOut(
        **_totals(counts),
        since=days.since,
        until=days.until,
        by_person=[PersonTotalsOut(**_totals(sums), actor=_actor(who, names)) for who, sums in _largest(by_person)],
        by_action=[ActionTotalsOut(**_totals(sums), action=action) for action, sums in _largest(by_action)],
        by_day=[DayTotalsOut(**_totals(by_day[day]), day=day) for day in sorted(by_day)],
        first_times=[
            FirstTimeOut(actor=_actor(who, names), action=action, day=day)
            for (who, action), day in sorted(firsts.items(), key=lambda one: (one[1], one[0][1]), reverse=True)
            if days.since <= day <= days.until
        ][:_MAX_SHOWN],
        is_whole=is_whole,
    )


async def _sealed(tx: Tx, scope: Scope, days: Days) -> Counts:
    query = tx.select(CountRow).where(CountRow.day >= days.since, CountRow.day <= days.until)
    if scope.project_id is not None:
        query = query.where(CountRow.project_id == scope.project_id)
    counts: Counts = Counter()
    for row in await tx.session.scalars(query):
        key = Key(
            kind=EntryKind(row.kind),
            project_id=row.project_id,
            actor_kind=row.actor_kind,
            actor_id=row.actor_id,
            actor_name=row.actor_name,
            action=row.action,
            outcome=Outcome(row.outcome),
        )
        counts[row.day, key] += row.count
    return counts


async def _first_days(tx: Tx, scope: Scope) -> Mapping[tuple[Who, str], date]:
    """Return when who first did what, of the sealed days."""
    same = (CountRow.actor_kind, CountRow.actor_id, CountRow.action)
    query = select(*same, func.min(CountRow.day)).group_by(*same).where(
        CountRow.tenant_id == tx.tenant_id, CountRow.kind == EntryKind.CALL, CountRow.outcome == Outcome.OK
    )  # fmt: skip
    if scope.project_id is not None:
        query = query.where(CountRow.project_id == scope.project_id)
    return {(Who(kind, id_), action): day for kind, id_, action, day in await tx.session.execute(query)}


async def _count(runtime: Runtime, scope: Scope, day: date, most: int) -> Counter[Key]:
    keys = [key_of_call(row) async for row in calls.of_day(runtime, scope.tenant_id, day, most=most)]
    keys += [key_of_change(row) async for row in changes.of_day(runtime, scope.tenant_id, day, most=most)]
    return Counter(key for key in keys if scope.project_id in {None, key.project_id})


def _grouped[Group: Hashable](counts: Counts, group: Callable[[date, Key], Group]) -> dict[Group, Counts]:
    found: dict[Group, Counts] = {}
    for (day, key), count in counts.items():
        found.setdefault(group(day, key), Counter())[day, key] += count
    return found


def _largest[Group](grouped: Mapping[Group, Counts]) -> Iterable[tuple[Group, Counts]]:
    return sorted(grouped.items(), key=lambda one: one[1].total(), reverse=True)[:_MAX_SHOWN]


def _totals(counts: Counts) -> dict[str, Any]:
    of_calls = {outcome: _sum_of(counts, EntryKind.CALL, outcome) for outcome in Outcome}
    return TotalsOut(
        calls=sum(of_calls.values()),
        refused=of_calls[Outcome.REFUSED],
        failed=of_calls[Outcome.FAILED],
        changes=_sum_of(counts, EntryKind.CHANGE, Outcome.OK),
    ).model_dump()


def _sum_of(counts: Counts, kind: EntryKind, outcome: Outcome) -> int:
    return sum(count for (_, key), count in counts.items() if (key.kind, key.outcome) == (kind, outcome))


def _who(key: Key) -> Who:
    return Who(key.actor_kind, key.actor_id)


def _actor(who: Who, names: Mapping[Who, str]) -> ActorOut:
    return ActorOut(kind=ActorKind(who.kind), id=who.id, name=names.get(who, ""))
