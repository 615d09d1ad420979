"""The statements of ingest. They need PostgreSQL 18 (`returning old`, `uuidv7()`).

Two of them write what came, `OPEN_INCIDENTS` and `MERGE_ALERTS`, because the second must see an incident that another
transaction has opened while the first one waited. Each takes all rows as one jsonb parameter; `now` is the
transaction's time, and `trace` is for facts of no one row.
"""

from typing import Final

from shared.alerts.events import HoldsDue
from shared.alerts.flapping import MAX_CHANGES, SPAN
from shared.incidents.events import (
    AlertFired,
    AlertHeld,
    AlertRepeated,
    AlertResolved,
    IncidentCreated,
    IncidentRefired,
    IncidentUpdated,
)
from shared.incidents.similarity import MAX_NAMES
from shared.incidents.tables import IS_OPEN

_ROWS: Final = """
rows as (
  select * from jsonb_to_recordset(%(rows)s::jsonb) as r(
    integration_id uuid, project_id uuid, fingerprint text, starts_at timestamptz,
    ends_at timestamptz, fired boolean, resolved boolean, severity text, title text, service_name text, labels jsonb,
    annotations jsonb, generator_url text, content_hash text, grouping_key text, grouping jsonb, cut boolean,
    reopen_since timestamptz, expires_at timestamptz, held_by text, held_until timestamptz, window_id uuid,
    trace text))"""

# An alert that the machine took for over, because nobody repeated it, and that its sender repeats now.
_RETURNS: Final = """(a.lapsed_at is not null and excluded.fired and not excluded.resolved
      and coalesce(excluded.expires_at, 'infinity') > %(now)s)"""

_REGROUPED: Final = (
    f"((a.incident_id is null and (excluded.fired or excluded.content_hash > a.content_hash)) or {_RETURNS})"
)


def _takes_alerts(incident: str) -> str:
    recent = (
        f"{incident}.state = 'resolved' and {incident}.resolved_at >= r.reopen_since and {incident}.archived_at is null"
    )
    return f"({incident}.{IS_OPEN} or ({recent}))"


# Where the alerts of a row's key belong: an incident of that key, or the one that such an incident is merged into.
_HOMES: Final = f"""
incidents i left join incidents t on t.tenant_id = i.tenant_id and t.id = i.merged_into
where i.tenant_id = %(tenant)s and i.project_id = r.project_id and i.grouping_key = r.grouping_key
  and ((i.merged_into is null and {_takes_alerts("i")}) or {_takes_alerts("t")})"""

_SEVERITIES: Final = "array['critical', 'high', 'medium', 'low', 'info']"
# Whether the alerts that came raise their incident's severity, or give it a title. What people chose stays.
_RAISES: Final = (
    f"(array_position({_SEVERITIES}, e.worst) < array_position({_SEVERITIES}, i.severity)"
    " and 'severity' <> all(i.chosen))"
)
_LEADS: Final = "(e.merged_from is null and (e.starts_at, e.fingerprint) < (i.started_at, i.lead_fingerprint))"

_INCIDENT_DATA: Final = (
    "jsonb_build_object('id', id, 'title', title, 'severity', severity, 'state', state, 'version', version)"
)

# The names of an incident's alerts, with those that came; the same ones in whatever order they come.
_NAMED: Final = f"""(
  select coalesce(jsonb_agg(name order by name), '[]') from (
    select distinct name from jsonb_array_elements_text(i.alert_names || n.names) name order by name limit {MAX_NAMES}))"""
_NAMES: Final = f"(not i.alert_names @> n.names and i.alert_names <> {_NAMED})"

# A person's merge moves alerts between incidents, and locks in another order than this one. So each waits for the other.
SENDERS: Final = """
select i.id, i.project_id, i.token_version, i.previous_until, i.revoked_at is not null, p.policies,
       (select jsonb_agg(jsonb_build_object('id', w.id, 'version', w.version, 'matchers', w.matchers, 'times', (
          select jsonb_agg(jsonb_build_array(lower(t), upper(t)) order by t) from unnest(w.times) t
          where upper(t) > %(now)s::timestamptz - interval '1 day' and lower(t) < %(now)s::timestamptz + interval '1 day')))
        from maintenance_windows w where w.tenant_id = i.tenant_id and w.project_id = i.project_id
          and w.last_ends_at > %(now)s::timestamptz - interval '1 day'),
       pg_advisory_xact_lock_shared(hashtextextended(%(tenant)s::uuid::text, 0))
from monitoring_integrations i join projects p on p.tenant_id = i.tenant_id and p.id = i.project_id
where i.tenant_id = %(tenant)s and i.id = any(%(ids)s)
"""

# Most deliveries repeat what is stored. What is known only ever grows, so these need nothing more, whoever else writes.
KNOWN: Final = """
select a.integration_id, a.fingerprint, a.starts_at, a.fired, a.resolved, a.ends_at, a.content_hash, a.expires_at,
       a.lapsed_at is not null,
       a.held_by is not null and a.incident_id is null and a.held_until is null and a.resolved and a.lapsed_at is null
from unnest(%(integrations)s::uuid[], %(fingerprints)s::text[], %(starts)s::timestamptz[]) k(integration_id, fingerprint, starts_at)
join alerts a on a.tenant_id = %(tenant)s and a.integration_id = k.integration_id and a.fingerprint = k.fingerprint
  and a.starts_at = k.starts_at
"""

# For senders that do not say when an alert began: two of their posts at once must find one episode, not make two.
ONE_AT_A_TIME: Final = (
    "select pg_advisory_xact_lock(hashtextextended(id, 0)) from unnest(%(ids)s::text[]) id order by id"
)

OPEN_EPISODES: Final = """
select integration_id, fingerprint, max(starts_at) from alerts
where tenant_id = %(tenant)s and (integration_id, fingerprint) in (
  select * from unnest(%(integrations)s::uuid[], %(fingerprints)s::text[])) and fired and not resolved
group by integration_id, fingerprint
"""

OPEN_INCIDENTS: Final = f"""
with {_ROWS},
wanted as (
  select distinct on (r.project_id, r.grouping_key) r.*
  from rows r
  where r.fired and r.held_by is null
    and not exists (select from alerts a where a.tenant_id = %(tenant)s and a.integration_id = r.integration_id
                    and a.fingerprint = r.fingerprint and a.starts_at = r.starts_at
                    and a.incident_id is not null and (a.lapsed_at is null or r.resolved or r.expires_at <= %(now)s))
    and not exists (select from {_HOMES})
  order by r.project_id, r.grouping_key, r.starts_at, r.fingerprint),
per_project as (select project_id, count(*) as n from wanted group by project_id),
counter as (
  update project_counters c set value = c.value + n from per_project
  where c.tenant_id = %(tenant)s and c.project_id = per_project.project_id and c.name = 'incident'
  returning c.project_id, c.value - n as base),
opened as (
  insert into incidents (tenant_id, id, project_id, number, grouping_key, title, severity, state_since, service_name,
                         started_at, lead_fingerprint, alert_names, created_at, updated_at)
  select %(tenant)s, uuidv7(), project_id, base + row_number() over (partition by project_id order by grouping_key),
         w.grouping_key, w.title, w.severity, %(now)s, w.service_name, w.starts_at, w.fingerprint,
         to_jsonb(array_remove(array[nullif(w.labels->>'alertname', '')], null)), %(now)s, %(now)s
  from wanted w join counter using (project_id)
  order by project_id, grouping_key
  on conflict (tenant_id, project_id, grouping_key) where {IS_OPEN} do nothing
  returning *),
steps as (
  insert into analysis_steps (tenant_id, id, incident_id, run, step_type, status, started_at, finished_at)
  select tenant_id, uuidv7(), id, 1, 'alert_received', 'completed', %(now)s, %(now)s from opened),
links as (
  insert into incident_links (tenant_id, id, incident_id, other_id, kind)
  select o.tenant_id, uuidv7(), o.id, before.id, 'recurrence'
  from opened o cross join lateral (
    select coalesce(i.merged_into, i.id) as id from incidents i where i.tenant_id = o.tenant_id
    and i.project_id = o.project_id and i.grouping_key = o.grouping_key order by i.created_at desc limit 1) before)
insert into event_log (tenant_id, id, project_id, type, subject_id, incident_id, at, actor_kind, actor_name, data,
                       changes, trace)
select tenant_id, uuidv7(), project_id, '{IncidentCreated.type}', id, id, %(now)s, 'system', 'sre-copilot', {_INCIDENT_DATA},
       jsonb_build_object('title', array[null, title], 'severity', array[null, severity], 'state', array[null, state],
                          'service_name', array[null, service_name]),
       coalesce((select w.trace from wanted w where w.project_id = opened.project_id
                 and w.grouping_key = opened.grouping_key), %(trace)s)
from opened
"""

MERGE_ALERTS: Final = f"""
with {_ROWS},
merged as (
  insert into alerts as a (
    tenant_id, id, project_id, integration_id, fingerprint, starts_at, ends_at, fired, resolved, fired_at, cleared_at,
    incident_id, merged_from, severity, title, service_name, labels, annotations, generator_url, content_hash, grouping,
    cut, created_at, expires_at, held_by, held_until, held_key, window_id)
  select %(tenant)s, uuidv7(), r.project_id, r.integration_id, r.fingerprint, r.starts_at, r.ends_at, r.fired,
         r.resolved, case when r.fired then %(now)s::timestamptz end,
         case when r.fired and r.resolved then %(now)s::timestamptz end, home.id, home.merged_from, r.severity, r.title,
         r.service_name, r.labels, r.annotations, r.generator_url, r.content_hash, r.grouping, r.cut, %(now)s,
         r.expires_at, waits.held_by, waits.held_until, waits.grouping_key, waits.window_id
  from rows r
  left join lateral (
    select coalesce(t.id, i.id) as id, case when t.id is not null then i.id end as merged_from from {_HOMES}
    order by i.{IS_OPEN} desc, t.{IS_OPEN} desc nulls last, i.created_at desc limit 1) home on r.fired and r.held_by is distinct from 'suppressed'
  left join lateral (select r.held_by, r.held_until, r.grouping_key, r.window_id) waits
    on r.held_by is not null and home.id is null
  order by r.integration_id, r.fingerprint, r.starts_at
  on conflict (tenant_id, integration_id, fingerprint, starts_at) do update set
    fired = a.fired or excluded.fired,
    resolved = (a.resolved and not {_RETURNS}) or excluded.resolved,
    ends_at = greatest(a.ends_at, excluded.ends_at),
    expires_at = greatest(a.expires_at, excluded.expires_at),
    lapsed_at = case when not {_RETURNS} and not excluded.resolved then a.lapsed_at end,
    fired_at = case when {_RETURNS} then excluded.fired_at else coalesce(a.fired_at, excluded.fired_at) end,
    cleared_at = case when not {_RETURNS} then
      coalesce(a.cleared_at, case when (a.fired or excluded.fired) and (a.resolved or excluded.resolved)
                                  then %(now)s::timestamptz end) end,
    incident_id = case when a.incident_id is null or {_RETURNS} then excluded.incident_id else a.incident_id end,
    merged_from = case when a.incident_id is null or {_RETURNS} then excluded.merged_from else a.merged_from end,
    grouping = case when {_REGROUPED} then excluded.grouping else a.grouping end,
    held_key = case when {_REGROUPED} then coalesce(excluded.held_key, a.held_key) else a.held_key end,
    held_by = case when {_RETURNS} then excluded.held_by else coalesce(a.held_by, excluded.held_by) end,
    window_id = case when {_RETURNS} then excluded.window_id else coalesce(a.window_id, excluded.window_id) end,
    held_until = case when excluded.incident_id is not null or (a.incident_id is not null and not {_RETURNS}) then null
                      when a.fired and not {_RETURNS} then a.held_until else excluded.held_until end,
    (severity, title, service_name, labels, annotations, generator_url, cut, content_hash) = (
      select * from (values
        (a.severity, a.title, a.service_name, a.labels, a.annotations, a.generator_url, a.cut, a.content_hash),
        (excluded.severity, excluded.title, excluded.service_name, excluded.labels, excluded.annotations,
         excluded.generator_url, excluded.cut, excluded.content_hash)
      ) as content(a, b, c, d, e, f, g, content_hash) order by content_hash desc limit 1)
    where (excluded.fired and not a.fired) or (excluded.resolved and not a.resolved)
       or excluded.ends_at > coalesce(a.ends_at, '-infinity') or excluded.content_hash > a.content_hash
       or excluded.expires_at > coalesce(a.expires_at, '-infinity') or {_RETURNS}
       or (excluded.incident_id is not null and a.incident_id is null)
  returning new.*, new.fired and (old.fired is not true or old.resolved and not new.resolved) as newly_fired,
            new.fired and new.incident_id is not null
              and (old.incident_id is null or old.resolved and not new.resolved) as newly_joined,
            new.fired and new.resolved and (old.fired and old.resolved) is not true as newly_cleared),
earliest as (
  select distinct on (incident_id) incident_id, merged_from, starts_at, fingerprint, title, service_name,
         ({_SEVERITIES})[min(array_position({_SEVERITIES}, severity)) over (partition by incident_id)] as worst
  from merged where incident_id is not null and fired
  order by incident_id, merged_from is not null, starts_at, fingerprint),
named as (
  select incident_id, coalesce(jsonb_agg(distinct name) filter (where name <> ''), '[]') as names
  from (select incident_id, labels->>'alertname' as name from merged where incident_id is not null and fired)
  group by incident_id),
raised as (
  update incidents i set
    severity = case when {_RAISES} then e.worst else i.severity end,
    title = case when {_LEADS} and 'title' <> all(i.chosen) then e.title else i.title end,
    service_name = case when {_LEADS} and 'service_name' <> all(i.chosen) then e.service_name else i.service_name end,
    started_at = case when {_LEADS} then e.starts_at else i.started_at end,
    lead_fingerprint = case when {_LEADS} then e.fingerprint else i.lead_fingerprint end,
    alert_names = {_NAMED},
    version = case when {_RAISES} or {_LEADS} then i.version + 1 else i.version end,
    updated_at = case when {_RAISES} or {_LEADS} then %(now)s else i.updated_at end
  from earliest e join named n using (incident_id)
  where i.tenant_id = %(tenant)s and i.id = e.incident_id and ({_RAISES} or {_LEADS} or {_NAMES})
  returning new.*, old.version as version_before, old.severity as severity_before, old.title as title_before,
            old.service_name as service_before),
traced as (
  select m.*, r.trace from merged m join rows r
    on r.integration_id = m.integration_id and r.fingerprint = m.fingerprint and r.starts_at = m.starts_at),
facts as (
  select project_id, trace, '{AlertFired.type}' as type, id as subject_id, incident_id, fingerprint, 1 as place, '{{}}'::jsonb as changes,
         jsonb_build_object('id', id, 'incident_id', incident_id, 'fingerprint', fingerprint, 'title', title,
                            'severity', severity, 'status', 'firing') as data
  from traced where newly_joined
  union all
  select project_id, trace, '{AlertHeld.type}', id, null, fingerprint, 1, '{{}}',
         jsonb_build_object('id', id, 'incident_id', null, 'fingerprint', fingerprint, 'title', title,
                            'severity', severity, 'status', 'firing', 'held_by', held_by)
  from traced where newly_fired and incident_id is null and held_by is not null
  union all
  select project_id, trace, '{AlertResolved.type}', id, incident_id, fingerprint, 2, '{{}}',
         jsonb_build_object('id', id, 'incident_id', incident_id, 'fingerprint', fingerprint, 'title', title,
                            'severity', severity, 'status', 'resolved')
  from traced where newly_cleared
  union all
  select project_id, null, '{IncidentUpdated.type}', id, id, '', 3,
         jsonb_strip_nulls(jsonb_build_object(
           'severity', case when severity <> severity_before then jsonb_build_array(severity_before, severity) end,
           'title', case when title <> title_before then jsonb_build_array(title_before, title) end,
           'service_name', case when service_name <> service_before
                                then jsonb_build_array(service_before, service_name) end)),
         {_INCIDENT_DATA}
  from raised where version > version_before),
recorded as (
  insert into event_log (tenant_id, id, project_id, type, subject_id, incident_id, at, actor_kind, actor_name, data,
                         changes, trace)
  select %(tenant)s, uuidv7(), project_id, type, subject_id, incident_id, %(now)s, 'system', 'sre-copilot', data, changes,
         coalesce(trace, %(trace)s)
  from facts order by place > 2, fingerprint, place)
select coalesce(array_agg(id) filter (where newly_joined), '{{}}'),
       count(*) filter (where newly_fired and incident_id is null and held_by is null),
       coalesce(array_agg(distinct project_id)
                filter (where newly_fired and incident_id is null and held_by = 'threshold'), '{{}}')
from merged
"""

# What joined an incident that is mitigated or resolved by now, or came back to one that is acknowledged. A statement of
# its own, because the merge's foreign keys hold the incidents only from here on: whoever moved one before is seen,
# whoever moves one later sees the alerts. The fire counts as later than that move, whichever machine's clock says
# otherwise. And what fires for the third time in a short while: with the two clearings between, it may be flapping.
REFIRE: Final = f"""
with joined as (
  select a.id, a.integration_id, a.fingerprint, a.starts_at, a.incident_id, i.project_id, i.state_since,
         i.state in ('mitigated', 'resolved') or (i.state = 'acknowledged' and exists (
           select from alerts before where before.tenant_id = a.tenant_id and before.integration_id = a.integration_id
             and before.fingerprint = a.fingerprint and before.incident_id = a.incident_id
             and before.starts_at < a.starts_at and before.resolved)) as again
  from alerts a join incidents i on i.tenant_id = a.tenant_id and i.id = a.incident_id
  where a.tenant_id = %(tenant)s and a.id = any(%(fired)s)),
dated as (
  update alerts a set fired_at = greatest(a.fired_at, joined.state_since + interval '1 microsecond')
  from joined where a.tenant_id = %(tenant)s and a.id = joined.id and joined.again),
facts as (
  select distinct incident_id, project_id, '{IncidentRefired.type}' as type from joined
  where again
  union all
  select distinct incident_id, project_id, '{AlertRepeated.type}' from joined
  where (select count(*) from alerts before where before.tenant_id = %(tenant)s
           and before.integration_id = joined.integration_id and before.fingerprint = joined.fingerprint
           and before.starts_at > joined.starts_at - interval '{SPAN.total_seconds():.0f} seconds'
           and before.fired) > {MAX_CHANGES // 2})
insert into event_log (tenant_id, id, project_id, type, subject_id, incident_id, at, actor_kind, actor_name, trace)
select %(tenant)s::uuid, uuidv7(), project_id, type, incident_id, incident_id, %(now)s::timestamptz, 'system',
       'sre-copilot', %(trace)s
from facts
"""

# Windows that hold an alert stay as they are until it is stored: who changes one then finds the alert.
LOCK_WINDOWS: Final = """
select id, version from maintenance_windows where tenant_id = %(tenant)s and id = any(%(windows)s) order by id for share
"""

HOLDS_DUE: Final = f"""
insert into event_log (tenant_id, id, project_id, type, subject_id, at, actor_kind, actor_name, trace)
select %(tenant)s::uuid, uuidv7(), id, '{HoldsDue.type}', id, %(now)s::timestamptz, 'system', 'sre-copilot', %(trace)s
from unnest(%(projects)s::uuid[]) id
"""

MARK_TRUNCATED: Final = f"""
update incidents i set truncated_alerts = r.truncated
from jsonb_to_recordset(%(truncated)s::jsonb) as r(project_id uuid, grouping_key text, truncated integer)
where i.tenant_id = %(tenant)s and i.{IS_OPEN} and i.truncated_alerts < r.truncated and i.id in (
  select coalesce(s.merged_into, s.id) from incidents s
  where s.tenant_id = %(tenant)s and s.project_id = r.project_id and s.grouping_key = r.grouping_key)
"""
