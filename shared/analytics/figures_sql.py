"""The figures of a project's incidents in one statement, so that all of them are of one moment."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from shared.analytics.facts_sql import NEW, STALE, Gathered, facts_of
from shared.analytics.tables import FactsRow, PresenceRow


class Level(IntEnum):
    """What a row of `cells` is about: a bit for each of state, severity and service that it is not about."""

    WHOLE = 0b111
    STATE = 0b011
    SEVERITY = 0b101
    SERVICE = 0b110


SHARES: Final = (0.5, 0.9)
_DURATIONS: Final = ("acknowledge", "mitigate", "resolve")
_COUNTS: Final[Mapping[str, str]] = {
    "incidents": "count(*)",
    "open": "count(*) filter (where state = any(:open))",
    "alerts": "sum(alerts)",
    "joined": "sum(greatest(alerts - 1, 0))",
    "people_seconds": "sum(people_seconds)",
    "reopened": "count(*) filter (where reopened > 0)",
    "flapping": "count(*) filter (where flapped)",
    "resolved_by_machine": "count(*) filter (where resolved_by_machine)",
    **{f"{one}_count": f"count({one}_seconds)" for one in _DURATIONS},
    **{f"{one}_sum": f"sum({one}_seconds)" for one in _DURATIONS},
}
_DONE: Final[Mapping[str, str]] = {
    "incidents": "count(*)",
    "acknowledged": "count(*) filter (where acknowledged)",
    "resolved": "count(*) filter (where resolved)",
    "seconds": "sum(seconds)",
}


def _counted(counts: Mapping[str, str]) -> str:
    return ", ".join(f"{made_of} as {name}" for name, made_of in counts.items())


def _added_up(counts: Mapping[str, str]) -> str:
    return ", ".join(f"sum({name}) as {name}" for name in counts)


_COUNTED: Final = _counted(_COUNTS)
_ADDED_UP: Final = _added_up(_COUNTS)
_SECONDS: Final = ", ".join(f"{one}_seconds" for one in _DURATIONS)
# Both neighbours of each share's place among the sorted times, as fractions that name exactly these two: the times are
# then sorted as the whole numbers they are, which takes a third less than `percentile_cont`.
_NEIGHBOURS: Final = ", ".join(
    f"({rounded}({share}::float8 * (n - 1)) + 0.5) / n" for share in SHARES for rounded in ("floor", "ceil")
)
_PERCENTILES: Final = ", ".join(
    f"percentile_disc((select array[{_NEIGHBOURS}] from (select nullif(sum({one}_count), 0)::float8 as n from fine) c))"
    f" within group (order by {one}_seconds) as {one}"
    for one in _DURATIONS
)
_OPENED: Final = "counted and created_at >= :since and created_at < :until"
_FILTERS: Final[Mapping[str, str]] = {
    "severities": "severity = any(:severities)",
    "services": "service_name = any(:services)",
    "person": "id in (select t.id from theirs t where t.person_id = :person)",
}


def _each(table: Gathered, selected: str, chosen: str = "true", then: str = "") -> str:
    """Return what is selected from the stored rows that still hold, and the same from the new ones instead of the rest.

    Each of both adds up for itself: leading all rows through one set first costs as much as counting them. For the same
    reason this is no anti-join, but a look into a set that is most often empty.
    """
    stored = "tenant_id = :tenant and project_id = :project and id not in (select s.id from stale s)"
    return (
        f"{selected} from {table.__tablename__} where {stored} and {chosen} {then}"
        f" union all {selected} from {NEW[table]} where {chosen} {then}"
    )


def figures(filtered_by: frozenset[str]) -> str:
    """Return the statement, with those of the filters `severities`, `services` and `person` that are asked for.

    Incidents are counted once by all that they are told apart by, and once by time; the rest is adding up.
    """
    asked = {name: f" and {condition}" for name, condition in _FILTERS.items() if name in filtered_by}
    of_alerts = "".join(condition for name, condition in asked.items() if name != "person")
    chosen = f"{_OPENED}{''.join(asked.values())}"
    kind = "state, severity, service_name, alert_name"
    return f"""
with {STALE}, {facts_of("stale")},
theirs as ({_each(PresenceRow, "select id, person_id")}),
fine as materialized ({_each(FactsRow, f"select {kind}, {_COUNTED}", chosen, f"group by {kind}")}),
by_time as (
  select bucket, {_ADDED_UP} from (
    {_each(FactsRow, f"select width_bucket(created_at, :bounds) as bucket, {_COUNTED}", chosen, "group by bucket")}) b
  group by bucket),
names as (
  select alert_name as name, sum(incidents) as incidents, sum(alerts) as alerts, sum(flapping) as flapping
  from fine where alert_name <> '' group by alert_name),
people as (
  select person_id, {_added_up(_DONE)} from (
    {_each(PresenceRow, f"select person_id, {_counted(_DONE)}", chosen, "group by person_id")}) d
  group by person_id)
select
  (select jsonb_agg(to_jsonb(x)) from (
     select grouping(state, severity, service_name) as level, state, severity, service_name, {_ADDED_UP}
     from fine group by grouping sets ((), (state), (severity), (service_name))) x) as cells,
  (select jsonb_agg(to_jsonb(t)) from by_time t) as trend,
  (select to_jsonb(x) from (
     select {_PERCENTILES} from ({_each(FactsRow, f"select {_SECONDS}", chosen)}) s) x) as percentiles,
  (select jsonb_agg(to_jsonb(x)) from (select * from names order by alerts desc, name limit :most) x) as noisiest,
  (select jsonb_agg(to_jsonb(x)) from (
     select * from names where flapping > 0 order by flapping desc, name limit :most) x) as flapping,
  (select jsonb_agg(to_jsonb(x)) from (
     select p.*, u.name from people p join users u on u.tenant_id = :tenant and u.id = p.person_id
     order by p.seconds desc, p.person_id limit :most) x) as people,
  (select count(*) from alerts
   where tenant_id = :tenant and project_id = :project and held_by = 'suppressed'
     and fired_at >= :since and fired_at < :until{of_alerts}) as suppressed"""
