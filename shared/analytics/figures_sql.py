"""The figures of a project's incidents in one statement, so that all of them are of one moment."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from shared.analytics.facts_sql import NEW, STALE, columns, facts_of


class Level(IntEnum):
    """What a row of `cells` is about: a bit for each of state, severity and service that it is not about."""

    WHOLE = 0b111
    STATE = 0b011
    SEVERITY = 0b101
    SERVICE = 0b110


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
_COUNTED: Final = ", ".join(f"{made_of} as {name}" for name, made_of in _COUNTS.items())
_ADDED_UP: Final = ", ".join(f"sum({name}) as {name}" for name in _COUNTS)
_PERCENTILES: Final = ", ".join(
    f"percentile_cont(array[0.5, 0.9]) within group (order by {one}_seconds) as {one}" for one in _DURATIONS
)
_ALL: Final = ", ".join(
    f"all_{table.__tablename__} as not materialized (select {columns(table)} from {table.__tablename__} f"
    " where f.tenant_id = :tenant and f.project_id = :project and not exists (select from stale s where s.id = f.id)"
    f" union all select {columns(table)} from {new})"
    for table, new in NEW.items()
)
_OPENED: Final = "counted and created_at >= :since and created_at < :until"
_FILTERS: Final[Mapping[str, str]] = {
    "severities": "severity = any(:severities)",
    "services": "service_name = any(:services)",
    "person": "id in (select p.id from all_incident_presence p where p.person_id = :person)",
}


def figures(filtered_by: frozenset[str]) -> str:
    """Return the statement, with those of the filters `severities`, `services` and `person` that are asked for.

    Incidents are counted once by all that they are told apart by, and once by time; the rest is adding up.
    """
    asked = {name: f" and {condition}" for name, condition in _FILTERS.items() if name in filtered_by}
    of_alerts = "".join(condition for name, condition in asked.items() if name != "person")
    chosen = f"{_OPENED}{''.join(asked.values())}"
    return f"""
with {STALE}, {facts_of("stale")}, {_ALL},
fine as materialized (
  select state, severity, service_name, alert_name, {_COUNTED} from all_incident_facts where {chosen}
  group by state, severity, service_name, alert_name),
by_time as (
  select width_bucket(created_at, :bounds) as bucket, {_COUNTED} from all_incident_facts where {chosen}
  group by bucket),
names as (
  select alert_name as name, sum(incidents) as incidents, sum(alerts) as alerts, sum(flapping) as flapping
  from fine where alert_name <> '' group by alert_name),
people as (
  select person_id, count(*) as incidents, count(*) filter (where acknowledged) as acknowledged,
         count(*) filter (where resolved) as resolved, sum(seconds) as seconds
  from all_incident_presence where {chosen} group by person_id)
select
  (select jsonb_agg(to_jsonb(x)) from (
     select grouping(state, severity, service_name) as level, state, severity, service_name, {_ADDED_UP}
     from fine group by grouping sets ((), (state), (severity), (service_name))) x) as cells,
  (select jsonb_agg(to_jsonb(t)) from by_time t) as trend,
  (select to_jsonb(x) from (select {_PERCENTILES} from all_incident_facts where {chosen}) x) as percentiles,
  (select jsonb_agg(to_jsonb(x)) from (select * from names order by alerts desc, name limit :most) x) as noisiest,
  (select jsonb_agg(to_jsonb(x)) from (
     select * from names where flapping > 0 order by flapping desc, name limit :most) x) as flapping,
  (select jsonb_agg(to_jsonb(x)) from (
     select p.*, u.name from people p join users u on u.tenant_id = :tenant and u.id = p.person_id
     order by p.seconds desc, p.person_id limit :most) x) as people,
  (select count(*) from alerts
   where tenant_id = :tenant and project_id = :project and held_by = 'suppressed'
     and fired_at >= :since and fired_at < :until{of_alerts}) as suppressed"""
