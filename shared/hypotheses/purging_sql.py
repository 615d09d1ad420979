"""Which incidents may be purged, as SQL."""

from typing import Final

from shared.incidents.tables import IS_CLOSED

# Of an alert that fires still, the next repetition would open another incident.
_IS_OVER: Final = f"""
  i.{IS_CLOSED} and i.updated_at < :limit
  and not exists (
    select from alerts a where a.tenant_id = i.tenant_id and a.incident_id = i.id and a.fired and not a.resolved)"""
_IS_DUE: Final = f"""
  {_IS_OVER}
  and not exists (
    select from event_log e where e.tenant_id = i.tenant_id and e.incident_id = i.id and e.at >= :limit)"""

# An incident goes together with those that could not stay as they are without it: what is merged into it or what it is
# merged into, for its alerts know both, and what its analysis explains. How large families are PostgreSQL cannot know,
# and would read all incidents to join them; `offset 0` has it look up each.
LOOK: Final = f"""
with recursive old as materialized (
  select i.id, i.updated_at from incidents i
  where i.tenant_id = :tenant and {_IS_OVER}
    and (i.updated_at, i.id) > (:after_at, :after_id)
  order by i.updated_at, i.id limit :most),
family (old_id, id) as (
  select id, id from old
  union
  select f.old_id, n.id from family f cross join lateral (
    select i.id from incidents i where i.tenant_id = :tenant and i.merged_into = f.id
    union all
    select i.merged_into from incidents i where i.tenant_id = :tenant and i.id = f.id and i.merged_into is not null
    union all
    select a.id from analyses a where a.tenant_id = :tenant and a.leader_id = f.id and a.leader_id <> a.id) n)
select o.id, o.updated_at, bool_and(m.is_due) as may_go, array_agg(m.id) as family
from old o join family f on f.old_id = o.id cross join lateral (
  select i.id, {_IS_DUE} as is_due from incidents i where i.tenant_id = :tenant and i.id = f.id offset 0) m
group by o.id, o.updated_at order by o.updated_at, o.id"""
