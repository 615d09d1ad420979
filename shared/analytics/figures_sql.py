"""The figures of a project's incidents in one statement, so that all of them are of one moment."""

from enum import IntEnum
from typing import Final

from shared.analytics.facts_sql import NEW, STALE, columns, facts_of


class Level(IntEnum):
    """What a row of `cells` is about: a bit for each of state, severity, service and bucket that it is not about."""

    WHOLE = 0b1111
    STATE = 0b0111
    SEVERITY = 0b1011
    SERVICE = 0b1101
    BUCKET = 0b1110


_DURATIONS: Final = ("acknowledge", "mitigate", "resolve")
_SUMS: Final = """count(*) as incidents, count(*) filter (where state = any(:open)) as open,
  sum(alerts) as alerts, sum(greatest(alerts - 1, 0)) as joined, sum(people_seconds) as people_seconds,
  count(*) filter (where reopened > 0) as reopened, count(*) filter (where flapped) as flapping,
  count(*) filter (where resolved_by_machine) as resolved_by_machine, """ + ", ".join(
    f"count({one}_seconds) as {one}_count, avg({one}_seconds)::float as {one}_mean" for one in _DURATIONS
)
_PERCENTILES: Final = ", ".join(
    f"percentile_cont(array[0.5, 0.9]) within group (order by {one}_seconds) as {one}" for one in _DURATIONS
)
_ALL: Final = ", ".join(
    f"all_{table.__tablename__} as not materialized (select {columns(table)} from {table.__tablename__} f"
    " where f.tenant_id = :tenant and f.project_id = :project and not exists (select from stale s where s.id = f.id)"
    f" union all select {columns(table)} from {new})"
    for table, new in NEW.items()
)
_FILTERS: Final = {
    "severities": "severity = any(:severities)",
    "services": "service_name = any(:services)",
    "person": "exists (select from all_incident_presence p where p.id = f.id and p.person_id = :person)",
}


def figures(filtered_by: frozenset[str]) -> str:
    """Return the statement, with those of the filters `severities`, `services` and `person` that are asked for."""
    asked = "".join(f" and {condition}" for name, condition in _FILTERS.items() if name in filtered_by)
    of_alerts = "".join(f" and {_FILTERS[name]}" for name in ("severities", "services") if name in filtered_by)
    return f"""
with {STALE}, {facts_of("stale")}, {_ALL},
chosen as not materialized (
  select f.*, width_bucket(f.created_at, :bounds) as bucket from all_incident_facts f
  where f.created_at >= :since and f.created_at < :until{asked}),
names as (
  select n.name, count(*) as incidents, sum(n.alerts) as alerts, count(*) filter (where c.flapped) as flapping
  from all_incident_noise n join chosen c on c.id = n.id group by n.name),
people as (
  select p.person_id, count(*) as incidents, count(*) filter (where p.acknowledged) as acknowledged,
         count(*) filter (where p.resolved) as resolved, sum(p.seconds) as seconds
  from all_incident_presence p join chosen c on c.id = p.id group by p.person_id)
select
  (select jsonb_agg(to_jsonb(x)) from (
     select grouping(state, severity, service_name, bucket) as level, state, severity, service_name, bucket, {_SUMS}
     from chosen group by grouping sets ((), (state), (severity), (service_name), (bucket))) x) as cells,
  (select to_jsonb(x) from (select {_PERCENTILES} from chosen) x) as percentiles,
  (select jsonb_agg(to_jsonb(x)) from (select * from names order by alerts desc, name limit :most) x) as noisiest,
  (select jsonb_agg(to_jsonb(x)) from (
     select * from names where flapping > 0 order by flapping desc, name limit :most) x) as flapping,
  (select jsonb_agg(to_jsonb(x)) from (
     select p.*, u.name from people p join users u on u.tenant_id = :tenant and u.id = p.person_id
     order by p.seconds desc, p.person_id limit :most) x) as people,
  (select count(*) from alerts
   where tenant_id = :tenant and project_id = :project and held_by = 'suppressed'
     and fired_at >= :since and fired_at < :until{of_alerts}) as suppressed"""
