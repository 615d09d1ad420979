"""Sums of incidents over blocks of time as SQL: declared once, for who keeps them and for who reads them.

Everything here only adds up, so a sum is exact if each change of a row is added to it: what the row was, taken away,
and what it is now. Who stores facts adds these changes to the rollups in the same statement; who reads adds those that
are not stored yet to what is there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final

from shared.analytics.buckets import ORIGIN, Block
from shared.analytics.facts_sql import CHOSEN, NEW, Gathered, columns_of, facts_of, key_of
from shared.analytics.tables import (
    DURATIONS,
    DayRow,
    DurationWeekRow,
    FactsRow,
    HourRow,
    PresenceRow,
    PresenceWeekRow,
    WeekRow,
)
from shared.incidents.lifecycle import OPEN, State

type Summed = type[WeekRow | DayRow | HourRow | DurationWeekRow | PresenceWeekRow]

_LONGEST: Final = 2**31 - 1
_RATIO: Final = 1.05  # wider steps are fewer sums, and more incidents to look at in the one that a percentile is in


def _steps() -> list[int]:
    found = [0]
    while found[-1] < _LONGEST:
        found.append(min(max(found[-1] + 1, ceil(found[-1] * _RATIO)), _LONGEST))
    return found


# Where each range of seconds begins that durations are counted by.
STEPS: Final = _steps()

# Whoever changes what is added up has all facts gathered anew by a migration, as with the steps.
_OPEN: Final = ", ".join(f"'{state}'" for state in sorted(OPEN))
_COUNTS: Final[Mapping[str, str]] = {
    "incidents": "1",
    "open": f"(x.state in ({_OPEN}))::integer",
    "alerts": "x.alerts",
    "joined": "greatest(x.alerts - 1, 0)",
    "people_seconds": "x.people_seconds",
    "reopened": "(x.reopened > 0)::integer",
    "flapping": "x.flapped::integer",
    "resolved_by_machine": "x.resolved_by_machine::integer",
    **{f"{one}_count": f"(x.{one}_seconds is not null)::integer" for one in DURATIONS},
    **{f"{one}_sum": f"coalesce(x.{one}_seconds, 0)" for one in DURATIONS},
}
_DONE: Final[Mapping[str, str]] = {
    "incidents": "1",
    "acknowledged": "x.acknowledged::integer",
    "resolved": "x.resolved::integer",
    "seconds": "x.seconds",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """Sums, over blocks of time, of the rows of a table of facts, called `x`, that are alike in `keys`.

    `told` goes with a key. `unfolded` is joined to each row, so that it counts several times or not at all.
    """

    table: Summed
    of: Gathered
    block: Block
    keys: Mapping[str, str]
    sums: Mapping[str, str]
    told: tuple[str, ...] = ()
    unfolded: str = ""

    @property
    def begins(self) -> str:
        """Where the block of a row begins, as `Block.around` says."""
        return f"date_bin(interval '1 {self.block}', x.created_at, timestamptz '{ORIGIN.isoformat()}')"


_STEPPED: Final = ", ".join(
    f"(width_bucket(x.{one}_seconds, :steps), {', '.join(str(int(one == other)) for other in DURATIONS)})"
    for one in DURATIONS
)
_SEVERITY: Final = {"severity": "x.severity"}

WEEKS: Final = Rollup(
    table=WeekRow,
    of=FactsRow,
    block=Block.WEEK,
    keys={
        **_SEVERITY,
        "kind": "sha256(convert_to(jsonb_build_array(x.service_name, x.alert_name)::text, 'UTF8'))",
    },
    told=("service_name", "alert_name"),
    sums={**_COUNTS, **{state.value: f"(x.state = '{state}')::integer" for state in State}},
)
HOURS: Final = Rollup(table=HourRow, of=FactsRow, block=Block.HOUR, keys=_SEVERITY, sums=_COUNTS)
DAYS: Final = Rollup(table=DayRow, of=FactsRow, block=Block.DAY, keys=_SEVERITY, sums=_COUNTS)
DURATION_WEEKS: Final = Rollup(
    table=DurationWeekRow,
    of=FactsRow,
    block=Block.WEEK,
    keys={**_SEVERITY, "step": "d.step"},
    sums={one: f"d.{one}" for one in DURATIONS},
    unfolded=f"join lateral (values {_STEPPED}) as d(step, {', '.join(DURATIONS)}) on d.step is not null",
)
PRESENCE_WEEKS: Final = Rollup(
    table=PresenceWeekRow,
    of=PresenceRow,
    block=Block.WEEK,
    keys={**_SEVERITY, "person_id": "x.person_id"},
    sums=_DONE,
)
ROLLUPS: Final = (WEEKS, DAYS, HOURS, DURATION_WEEKS, PRESENCE_WEEKS)


def named(made_of: Mapping[str, str], names: Iterable[str]) -> str:
    """Return the list of some columns, each with what it is made of."""
    return ", ".join(f"{made_of[name]} as {name}" for name in names)


def changed(table: Gathered) -> str:
    """Return the expression `changed_…`: what `facts_of` replaces with a `sign` of -1, and what is new with 1.

    Only of what is counted.
    """
    name, new, columns = table.__tablename__, NEW[table], columns_of(table)
    return f"""
changed_{name} as materialized (
  select -1 as sign, {_of("f", columns)} from {name} f
  where f.tenant_id = :tenant and f.counted and ({_of("f", key_of(table))}) in (
    select {_of("n", key_of(table))} from {new} n)
  union all select 1, {_of("n", columns)} from {new} n where n.counted)"""


def _stored(table: Gathered) -> str:
    """Return the expression that stores the new rows of a table, or brings stored ones up to date."""
    name, columns, key = table.__tablename__, columns_of(table), key_of(table)
    values = ", ".join(f"{one} = excluded.{one}" for one in columns if one not in key)
    return f"""
stored_{name} as (
  insert into {name} (tenant_id, {", ".join(columns)}) select :tenant, {_of("n", columns)} from {NEW[table]} n
  on conflict (tenant_id, {", ".join(key)}) do update set {values})"""


def _kept(rollup: Rollup) -> str:
    """Return the expression that adds what has changed to a rollup. Where nothing is left, zeros stay."""
    name, sums = rollup.table.__tablename__, list(rollup.sums)
    keys = {"begins": rollup.begins, **rollup.keys}
    told = {one: f"min(x.{one})" for one in rollup.told}
    added = {one: f"sum(x.sign * {made_of})" for one, made_of in rollup.sums.items()}
    columns = [*keys, *told, *sums]
    return f"""
kept_{name} as (
  insert into {name} as t (tenant_id, id, {", ".join(columns)})
  select :tenant, :project, {_of("s", columns)} from (
    select {named(keys | told | added, columns)} from changed_{rollup.of.__tablename__} x {rollup.unfolded}
    group by {", ".join(keys.values())}) s
  where ({", ".join(sums)}) <> ({", ".join("0" for _ in sums)})
  on conflict (tenant_id, id, {", ".join(keys)}) do update set
    {", ".join(f"{one} = t.{one} + excluded.{one}" for one in sums)})"""


def _of(row: str, columns: Iterable[str]) -> str:
    return ", ".join(f"{row}.{one}" for one in columns)


_STORED: Final = ", ".join([*map(changed, NEW), *map(_stored, NEW), *map(_kept, ROLLUPS)])
STORE: Final = f"with {CHOSEN}, {facts_of('chosen')}, {_STORED} select count(*) from new_facts"
