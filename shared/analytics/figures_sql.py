"""The figures of a project's incidents in one statement, so that all of them are of one moment."""

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Final

from shared.analytics.buckets import Block
from shared.analytics.facts_sql import NEW, STALE, facts_of
from shared.analytics.rollups_sql import DAYS, DURATION_WEEKS, HOURS, PRESENCE_WEEKS, WEEKS, Rollup, changed, named
from shared.analytics.tables import DURATIONS, FactsRow, PresenceRow


class Level(IntEnum):
    """What a row of `cells` is about: a bit for each of severity and service that it is not about."""

    WHOLE = 0b11
    SEVERITY = 0b01
    SERVICE = 0b10


PERCENTILES: Final = (50, 90)
_OPENED: Final = "x.created_at >= :since and x.created_at < :until"
_FILTERS: Final[Mapping[str, str]] = {
    "severities": "x.severity = any(:severities)",
    "services": "x.service_name = any(:services)",
    "person": "x.id in (select t.id from theirs t)",
}
_IN_ROLLUPS: Final = {"severities"}  # what rollups can be filtered by
_TRENDS: Final = {rollup.block: rollup for rollup in (HOURS, DAYS)}
_THEIRS: Final = """theirs as (
  select id from incident_presence where tenant_id = :tenant and project_id = :project and person_id = :person
  union select id from new_presence where person_id = :person),"""


def has_rollups(filtered_by: Iterable[str]) -> bool:
    """Whether figures with these filters are read from rollups; else from each incident alone."""
    return _IN_ROLLUPS.issuperset(filtered_by)


def figures(filtered_by: frozenset[str], told_by: Block) -> str:
    """Return the statement, with those of the filters `severities`, `services` and `person` that are asked for.

    The trend is made of the sums of hours or days, as `told_by` says.

    For each block (see `pieces_of`) it takes `…_split`, the blocks that are not read from rollups, and `…_since` and
    `…_until`, the times whose incidents are counted instead.
    """
    chosen = "".join(f" and {_FILTERS[name]}" for name in sorted(filtered_by))
    of_alerts = "".join(f" and {_FILTERS[name]}" for name in sorted(filtered_by - {"person"}))
    is_summed = has_rollups(filtered_by)

    def summed(rollup: Rollup, *keys: str, by: str = "") -> str:
        return _summed(rollup, keys, [by] if by else keys, chosen, is_summed=is_summed)

    return f"""
with {STALE}, {facts_of("stale")}, {changed(FactsRow)}, {changed(PresenceRow)},
{_THEIRS if "person" in filtered_by else ""}
fine as materialized (
  {summed(WEEKS, "severity", "service_name", "alert_name")} having sum(incidents) <> 0),
by_time as ({summed(_TRENDS[told_by], "at", by="width_bucket(at, :bounds) as bucket")}),
{_places(summed(DURATION_WEEKS, "step"))},
spreads as ({" union all ".join(_around(one, chosen) for one in DURATIONS)}),
names as (
  select alert_name as name, sum(incidents) as incidents, sum(alerts) as alerts, sum(flapping) as flapping
  from fine where alert_name <> '' group by alert_name),
people as ({summed(PRESENCE_WEEKS, "person_id")} having sum(incidents) <> 0)
select
  (select jsonb_agg(to_jsonb(x)) from (
     select grouping(severity, service_name) as level, severity, service_name, {_added_up(WEEKS)}
     from fine group by grouping sets ((), (severity), (service_name))) x) as cells,
  (select jsonb_agg(to_jsonb(t)) from by_time t) as trend,
  (select jsonb_agg(to_jsonb(s)) from spreads s) as spreads,
  (select jsonb_agg(to_jsonb(x)) from (select * from names order by alerts desc, name limit :most) x) as noisiest,
  (select jsonb_agg(to_jsonb(x)) from (
     select * from names where flapping > 0 order by flapping desc, name limit :most) x) as flapping,
  (select jsonb_agg(to_jsonb(x)) from (
     select p.*, u.name from people p join users u on u.tenant_id = :tenant and u.id = p.person_id
     order by p.seconds desc, p.person_id limit :most) x) as people,
  (select count(*) from alerts x
   where x.tenant_id = :tenant and x.project_id = :project and x.held_by = 'suppressed'
     and x.fired_at >= :since and x.fired_at < :until{of_alerts}) as suppressed"""


def _summed(rollup: Rollup, keys: Sequence[str], by: Sequence[str], chosen: str, *, is_summed: bool) -> str:
    """Return a query that adds up, `by` something made of the keys, what was opened in the time and is `chosen`."""
    facts, block = rollup.of.__tablename__, rollup.block
    of_fact = {"at": "x.created_at", **rollup.keys, **{one: f"x.{one}" for one in rollup.told}}
    of_block = {one: f"x.{one}" for one in of_fact} | {"at": "x.begins"}
    whole = f"""
    select {named(of_block, keys)}, {", ".join(rollup.sums)}
    from {rollup.table.__tablename__} x
    where x.tenant_id = :tenant and x.id = :project and x.begins >= :since and x.begins < :until
      and x.begins <> all(:{block}_split){chosen}
    union all"""
    return f"""
  select {", ".join(by)}, {_added_up(rollup)} from ({whole if is_summed else ""}
    select {named(of_fact, keys)}, {named(rollup.sums, rollup.sums)}
    from unnest(:{block}_since, :{block}_until) as p(since, until)
    join {facts} x on x.tenant_id = :tenant and x.project_id = :project
      and x.created_at >= p.since and x.created_at < p.until
    {rollup.unfolded} where x.counted{chosen}
    union all
    select {named(of_fact, keys)}, {", ".join(f"x.sign * {made_of}" for made_of in rollup.sums.values())}
    from changed_{facts} x {rollup.unfolded} where {_OPENED}{chosen}) r
  group by {", ".join(map(str, range(1, len(by) + 1)))}"""


def _added_up(rollup: Rollup) -> str:
    return ", ".join(f"sum({name}) as {name}" for name in rollup.sums)


def _places(steps: str) -> str:
    """Return the expressions that find, by counting, where the sorted durations have each percentile.

    `places` says between which seconds the two neighbours of that place are, and how many of those to skip.
    """
    measures = ", ".join(f"('{one}', s.{one})" for one in DURATIONS)
    place = "percent * (whole - 1)"  # in hundredths
    is_below = f"upto <= {place} / 100"
    return f"""
steps as ({steps}),
placed as (
  select m.measure, s.step, (sum(m.n) over (partition by m.measure order by s.step))::bigint as upto,
         (sum(m.n) over (partition by m.measure))::bigint as whole
  from steps s cross join lateral (values {measures}) as m(measure, n) where m.n > 0),
places as materialized (
  select measure, percent, (:steps)[min(step) filter (where not {is_below})] as low,
         (:steps)[min(step) filter (where upto > ({place} + 99) / 100) + 1] as high,
         {place.replace("whole", "min(whole)")} / 100 - coalesce(max(upto) filter (where {is_below}), 0) as skip
  from placed cross join unnest(array[{", ".join(map(str, PERCENTILES))}]) as percent group by measure, percent)"""


def _around(measure: str, chosen: str) -> str:
    """Return a query of both neighbours of each place among the sorted durations; of the last one, of it alone."""
    seconds = f"x.{measure}_seconds"
    wanted = f"{_OPENED} and x.counted and {seconds} >= p.low and {seconds} < p.high{chosen}"
    return f"""
select p.measure, p.percent, (
  select jsonb_agg(v.seconds order by v.seconds) from (
    select u.seconds from (
      select {seconds} as seconds from incident_facts x
      where x.tenant_id = :tenant and x.project_id = :project and x.id not in (select id from new_facts) and {wanted}
      union all select {seconds} from {NEW[FactsRow]} x where {wanted}) u
    order by u.seconds offset p.skip limit 2) v) as around
from places p where p.measure = '{measure}'"""
