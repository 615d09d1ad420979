"""The facts of incidents as SQL, one text for both who stores them and who reads what is not stored yet.

What counts:

- Acknowledged: the first time that somebody (a person, or a program with a key) moved it to acknowledged or
  investigating. The machine acknowledges nothing, and what re-arms an incident does not undo this.
- Mitigated and resolved: the last time, whoever did it, and only where it held: a reopened incident is neither until
  it is so again. One that was resolved and never mitigated counts as mitigated then.
- Present: a person, from each thing they did to the incident (any entry of the timeline) until their next one, but
  for a quarter of an hour at most.
"""

from collections.abc import Mapping
from typing import Final

from shared.analytics.tables import FactsRow, PresenceRow
from shared.incidents.events import IncidentUpdated

type Gathered = type[FactsRow | PresenceRow]

# The tables of facts, and what their new rows are called in `facts_of`.
NEW: Final[Mapping[Gathered, str]] = {
    FactsRow: "new_facts",
    PresenceRow: "new_presence",
}

_PRESENT: Final = "interval '15 minutes'"
_PRESENT_SECONDS: Final = (
    f"floor(extract(epoch from sum(least(coalesce(a.next_at - a.at, {_PRESENT}), {_PRESENT}))))::integer"
)
_BY_SOMEBODY: Final = "e.actor_kind in ('user', 'api_key')"
_TO: Final = "e.changes -> 'state' ->> 1"
_TAKES_UP: Final = f"{_BY_SOMEBODY} and {_TO} in ('acknowledged', 'investigating')"
_MAX_NAME: Final = 200

_RECORDED_IN: Final = "e.recorded_in::text::xid8"

# Incidents that something has happened to which the stored facts do not know. Transaction ids ahead of the server's own
# are from before it was restored elsewhere; they are old.
STALE: Final = f"""
stale as materialized (
  select distinct e.incident_id as id from event_log e
  where e.tenant_id = :tenant and e.project_id = :project and e.incident_id is not null and e.recorded_in >= :floor
    and (:seen is null or ({_RECORDED_IN} < pg_snapshot_xmax(pg_current_snapshot())
                           and not pg_visible_in_snapshot({_RECORDED_IN}, cast(:seen as pg_snapshot))))
    and (:reached is null or e.incident_id > :reached
         or not pg_visible_in_snapshot({_RECORDED_IN}, cast(:coming as pg_snapshot))))"""

NEXT_STALE: Final = f"with {STALE} select id from stale order by id limit :most"
NEXT_OF_ALL: Final = """
select i.id from incidents i
where i.tenant_id = :tenant and i.project_id = :project and (:reached is null or i.id > :reached)
order by i.id limit :most"""

PROJECTS_WITH_NEWS: Final = f"""
select c.tenant_id, c.project_id from project_counters c
left join analytics_progress a on a.tenant_id = c.tenant_id and a.id = c.project_id
where c.name = 'incident' and (a.coming is not null or exists (
  select from event_log e
  where e.tenant_id = c.tenant_id and e.project_id = c.project_id and e.incident_id is not null
    and e.recorded_in >= coalesce(a.floor, 0)
    and (a.seen is null or not pg_visible_in_snapshot({_RECORDED_IN}, a.seen::pg_snapshot))))"""


def facts_of(chosen: str) -> str:
    """Return the common table expressions `new_presence` and `new_facts` of the incidents in `chosen`."""
    return f"""
own as materialized (
  select i.id, i.archived_at is null and i.merged_into is null as counted, i.project_id, i.created_at, i.state, i.severity, i.service_name, i.mitigated_at, i.resolved_at
  from incidents i
  where i.tenant_id = :tenant and i.project_id = :project and i.id in (select id from {chosen})),
moves as materialized (
  select e.incident_id as id,
         min(e.at) filter (where {_TAKES_UP}) as acknowledged_at,
         min(e.position) filter (where {_TAKES_UP}) as acknowledged_in,
         max(e.position) filter (where {_TO} = 'resolved') as resolved_in,
         count(*) filter (where {_TO} = 'investigating'
           and e.changes -> 'state' ->> 0 in ('mitigated', 'resolved', 'inconclusive')) as reopened,
         coalesce(bool_or((e.changes -> 'flapping' ->> 1)::boolean), false) as flapped
  from event_log e
  where e.tenant_id = :tenant and e.incident_id in (select id from own) and e.type = '{IncidentUpdated.type}'
  group by e.incident_id),
{_acts("own")},
new_presence as materialized (
  select a.id, a.person_id, c.project_id, c.counted, c.created_at, c.severity, c.service_name,
         coalesce(bool_or(a.position = m.acknowledged_in), false) as acknowledged,
         coalesce(bool_or(a.position = m.resolved_in and c.resolved_at is not null), false) as resolved,
         {_PRESENT_SECONDS} as seconds
  from acts a join own c on c.id = a.id left join moves m on m.id = a.id
  group by a.id, a.person_id, c.project_id, c.counted, c.created_at, c.severity, c.service_name),
called as materialized (
  select a.incident_id as id, count(*)::integer as alerts,
         left(coalesce(mode() within group (order by a.labels ->> 'alertname'), ''), {_MAX_NAME}) as name
  from alerts a
  where a.tenant_id = :tenant and a.incident_id in (select id from own)
  group by a.incident_id),
new_facts as materialized (
  select c.id, c.project_id, c.counted, c.created_at, c.state, c.severity, c.service_name,
         {_seconds_until("m.acknowledged_at")} as acknowledge_seconds,
         {_seconds_until("coalesce(c.mitigated_at, c.resolved_at)")} as mitigate_seconds,
         {_seconds_until("c.resolved_at")} as resolve_seconds,
         c.resolved_at is not null and coalesce(resolving.actor_kind = 'system', false) as resolved_by_machine,
         coalesce(m.reopened, 0)::integer as reopened, coalesce(m.flapped, false) as flapped,
         coalesce(n.alerts, 0) as alerts, coalesce(n.name, '') as alert_name,
         coalesce(p.seconds, 0)::integer as people_seconds
  from own c
  left join moves m on m.id = c.id
  left join called n on n.id = c.id
  left join (select id, sum(seconds) as seconds from new_presence group by id) p on p.id = c.id
  left join event_log resolving on resolving.tenant_id = :tenant and resolving.incident_id = c.id
    and resolving.position = m.resolved_in)"""


def _acts(chosen: str) -> str:
    """Return the expression `acts`: what each person did to the incidents in `chosen`, and when they next did."""
    return f"""acts as (
  select e.incident_id as id, e.actor_id as person_id, e.position, e.at,
         lead(e.at) over (partition by e.incident_id, e.actor_id order by e.at, e.position) as next_at
  from event_log e
  where e.tenant_id = :tenant and e.incident_id in (select id from {chosen}) and e.actor_kind = 'user')"""


def _seconds_until(at: str) -> str:
    """Never less than nothing: several machines' clocks tell these times. `greatest` would make 0 of null."""
    seconds = f"floor(extract(epoch from {at} - c.created_at))"
    return f"case when {at} is not null then greatest({seconds}, 0)::integer end"


def columns_of(table: Gathered) -> list[str]:
    """Return the names of all columns but the tenant."""
    return [column.name for column in table.__table__.columns if column.name != "tenant_id"]


def key_of(table: Gathered) -> list[str]:
    """Return the names of the columns that tell rows of a tenant apart."""
    return [column.name for column in table.__table__.primary_key if column.name != "tenant_id"]


CHOSEN: Final = "chosen as (select unnest(:ids) as id)"

PRESENT: Final = f"""
with {CHOSEN}, {_acts("chosen")}
select a.person_id, u.name, {_PRESENT_SECONDS} as seconds
from acts a join users u on u.tenant_id = :tenant and u.id = a.person_id
group by a.person_id, u.name order by seconds desc, a.person_id"""
