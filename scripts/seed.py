"""Fill a tenant with a made-up history of incidents and alerts, for looking at the product at full size."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg

from scripts.devstack.demo_tenant import EMAIL
from scripts.devstack.progress import Progress
from scripts.devstack.state import DEFAULT_STATE, read_json
from scripts.history import Plan, as_json, history

VACUUM: Final = "vacuum analyze incidents, alerts, event_log, analysis_steps"  # autovacuum would, within minutes
_BATCH: Final = 1_000  # incidents in a transaction

_TAKE_NUMBERS: Final = """
update project_counters set value = value + %(count)s
where tenant_id = %(tenant)s and project_id = %(project)s and name = 'incident' returning value - %(count)s + 1
"""
_ADD_INTEGRATION: Final = """
insert into monitoring_integrations (tenant_id, id, project_id, kind, name)
values (%(tenant)s, uuidv7(), %(project)s, 'generic', 'Seeded history') returning id
"""
_ADD_INCIDENTS: Final = """
insert into incidents (tenant_id, id, project_id, number, grouping_key, title, severity, state, state_since,
  service_name, started_at, lead_fingerprint, alert_names, created_at, updated_at, acknowledged_at, resolved_at, labels)
select %(tenant)s, id, %(project)s, number, grouping_key, title, severity, state, updated_at, service_name, created_at,
       lead_fingerprint, alert_names, created_at, updated_at, acknowledged_at, resolved_at, labels
from jsonb_to_recordset(%(rows)s::jsonb) as r(
  id uuid, number integer, grouping_key text, title text, severity text, state text, service_name text,
  lead_fingerprint text, alert_names jsonb, created_at timestamptz, updated_at timestamptz, acknowledged_at timestamptz,
  resolved_at timestamptz, labels jsonb)
"""
_ADD_ALERTS: Final = """
insert into alerts (tenant_id, id, project_id, integration_id, fingerprint, starts_at, ends_at, fired, resolved,
  fired_at, cleared_at, incident_id, severity, title, service_name, labels, annotations, generator_url, content_hash,
  grouping, created_at)
select %(tenant)s, id, %(project)s, %(integration)s, fingerprint, starts_at, ends_at, true, resolved, starts_at,
       ends_at, incident_id, severity, title, service_name, labels, jsonb_build_object('summary', title), '',
       fingerprint,
       jsonb_build_object('rule', 'group', 'fields', jsonb_build_array('alertname', 'service'),
                          'values', jsonb_build_object('alertname', labels->>'alertname', 'service', service_name)),
       starts_at
from jsonb_to_recordset(%(rows)s::jsonb) as r(
  id uuid, incident_id uuid, fingerprint text, starts_at timestamptz, ends_at timestamptz, resolved boolean,
  severity text, title text, service_name text, labels jsonb)
"""
# Told to nobody: not due, and without a number among the live events. The tenant's people take turns.
_ADD_EVENTS: Final = """
with people as (
  select id, email, row_number() over (order by id) - 1 as turn, count(*) over () as total from users
  where tenant_id = %(tenant)s)
insert into event_log (tenant_id, id, project_id, type, subject_id, incident_id, at, actor_kind, actor_id, actor_name,
  data, changes, due_at, published_at)
select %(tenant)s, uuidv7(), %(project)s, type, r.id, r.id, at,
       case when by_people then 'user' else 'system' end, case when by_people then people.id end,
       case when by_people then people.email else 'sre-copilot' end,
       jsonb_build_object('id', r.id, 'title', title, 'severity', severity, 'state', state, 'version', 1), changes,
       null, at
from jsonb_to_recordset(%(rows)s::jsonb) as r(
  id uuid, number integer, title text, severity text, state text, created_at timestamptz,
  acknowledged_at timestamptz, resolved_at timestamptz)
join people on turn = mod(number, total)
cross join lateral (values
  ('incident.created', created_at, false, '{}'::jsonb),
  ('incident.updated', acknowledged_at, true, '{"state": ["detected", "acknowledged"]}'),
  ('incident.updated', resolved_at, true, '{"state": ["acknowledged", "resolved"]}')
) as e(type, at, by_people, changes)
where at is not null
order by at
"""
_ADD_STEPS: Final = """
insert into analysis_steps (tenant_id, id, incident_id, run, step_type, status, started_at, finished_at)
select %(tenant)s, uuidv7(), id, 1, 'alert_received', 'completed', created_at, created_at
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, created_at timestamptz)
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the history goes."""

    tenant: UUID
    project: UUID


def seed(database_url: str, place: Place, plan: Plan, told: Callable[[int], None] = lambda _: None) -> None:
    """Write a history as the application's role, a transaction for each batch; `told` is given how many are in."""
    with psycopg.connect(database_url) as connection:
        given: dict[str, Any] = {"tenant": place.tenant, "project": place.project, "count": plan.incidents}
        with connection.transaction():
            _enter(connection, place)
            first = _one(connection, _TAKE_NUMBERS, given)
            given["integration"] = _one(connection, _ADD_INTEGRATION, given)
        done = 0
        for batch in batched(history(plan, first), _BATCH, strict=False):
            with connection.transaction(), connection.pipeline():
                _enter(connection, place)
                for statement, rows in _statements(batch):
                    connection.execute(statement, {**given, "rows": as_json(rows)})
            done += len(batch)
            told(done)


def _statements(batch: tuple[tuple[Mapping[str, Any], list[Mapping[str, Any]]], ...]) -> Iterator[tuple[str, Any]]:
    incidents = [incident for incident, _ in batch]
    yield _ADD_INCIDENTS, incidents
    yield _ADD_ALERTS, [alert for _, alerts in batch for alert in alerts]
    yield _ADD_EVENTS, incidents
    yield _ADD_STEPS, incidents


def find_place(database_url: str, system_url: str, email: str) -> Place:
    """Return the first project of a person's tenant. Raises `LookupError`."""
    with psycopg.connect(system_url) as system:
        row = system.execute("select tenant_id from users where email = %s", (email,)).fetchone()
    if row is None:
        raise LookupError(f"Nobody has the address {email}")
    with psycopg.connect(database_url) as connection:
        connection.execute("select set_config('app.tenant_id', %s, true)", (str(row[0]),))
        project = connection.execute("select id from projects order by id limit 1").fetchone()
    if project is None:
        raise LookupError(f"The tenant of {email} has no project")
    return Place(row[0], project[0])


def _enter(connection: psycopg.Connection, place: Place) -> None:
    connection.execute("select set_config('app.tenant_id', %s, true)", (str(place.tenant),))


def _one(connection: psycopg.Connection, statement: Any, given: Mapping[str, Any]) -> Any:
    row = connection.execute(statement, given).fetchone()
    if row is None:
        raise LookupError("The project counts no incidents: is it there?")
    return row[0]


def main() -> None:
    parser = argparse.ArgumentParser(prog="./scripts/seed", description=__doc__)
    parser.add_argument("--incidents", type=int, default=20_000)
    parser.add_argument("--alerts", type=int, default=200_000)
    parser.add_argument("--seed", default="demo")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--email", default=EMAIL)
    parser.add_argument("--state", type=Path, default=DEFAULT_STATE)
    given = parser.parse_args()
    if given.incidents < 1 or given.alerts < given.incidents or given.days < 1:
        parser.error("--incidents and --days must be 1 or more, and --alerts no fewer than --incidents")
    known = read_json(given.state / "demo.json")
    app = os.environ.get("DATABASE_URL") or known.get("database_url")
    system = os.environ.get("SYSTEM_DATABASE_URL") or known.get("system_database_url")
    if not app or not system:
        sys.exit("No stack is running, and DATABASE_URL and SYSTEM_DATABASE_URL are not set: ./scripts/start")
    screen, began = Progress(), time.monotonic()
    plan = Plan(
        incidents=given.incidents, alerts=given.alerts, seed=given.seed, until=datetime.now(UTC), days=given.days
    )

    def told(done: int) -> None:
        screen.pending(f"{done:,} of {plan.incidents:,} incidents")

    try:
        seed(app, find_place(app, system, given.email), plan, told)
    except LookupError as error:
        sys.exit(str(error))
    if not os.environ.get("DATABASE_URL") and (owner := known.get("owner_database_url")):
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute(VACUUM)
    screen.done(f"{given.incidents:,} incidents, {given.alerts:,} alerts", began)


if __name__ == "__main__":
    main()
