"""Tenants are isolated by the database itself: as the application's role, with any SQL at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege, UniqueViolation

from functions.subscriptions import ROUTES
from infra.migrations.roles import APP, SYSTEM
from shared.access import password_reset
from shared.analytics.facts import gather
from shared.hypotheses import budget
from shared.kernel.values import ProjectId, TenantId, system_actor
from shared.platform.dead_letters import bury
from shared.platform.runtime import Runtime
from shared.platform.settings import Settings
from shared.views.schema import METADATA
from tests.fixtures import App, DatabaseUrls, payload, register
from tests.infra.migrations.catalogue import census, tables

TABLES = sorted(METADATA.tables)
# E-mail addresses are unique over all tenants: signing in asks for nothing else. Who takes one could learn that it is
# taken, so the application's role cannot write it.
ACROSS_TENANTS = {"uq_users_email"}


@dataclass(frozen=True)
class TwoTenants:
    ours: UUID
    theirs: UUID


@pytest.fixture(scope="module")
async def tenants(settings: Settings, database_urls: DatabaseUrls) -> TwoTenants:
    """Two tenants with rows in every table, made by the product as far as it makes them today."""
    runtime = Runtime.start(settings, ROUTES)
    app = App(runtime)
    made = [await populate(app, database_urls.owner) for _ in range(2)]
    await app.mailbox.close()
    await runtime.close()
    return TwoTenants(*made)


async def populate(app: App, owner: str) -> UUID:
    tenant = await register(app)
    for each in ("alertmanager-firing", "alertmanager-grouped-20-amtool"):
        await app.call("POST", "webhooks/alertmanager", payload(each), token=tenant.ingest_token)
    await app.carry()
    incident = (await app.call("GET", "incidents", token=tenant.token)).json["items"][0]
    seen = {"kind": "log", "at": "2026-01-01T00:00:00Z", "title": "the log of checkout"}
    await app.call("POST", f"incidents/{incident['id']}/evidence", {"items": [seen]}, token=tenant.token)
    await app.call("POST", f"incidents/{incident['id']}/transitions", {"to": "acknowledged"}, token=tenant.token)
    found = (await app.call("GET", f"incidents/{incident['id']}/hypotheses", token=tenant.token)).json["items"][0]
    await app.call("POST", f"hypotheses/{found['id']}/check", {"outcome": "unclear"}, token=tenant.token)
    key = {"idempotency-key": "the-first-program"}
    await app.call("POST", "api-keys", {"name": "a program", "role": "viewer"}, token=tenant.token, headers=key)
    await app.call("POST", "invitations", {"email": "ann@example.com", "role": "viewer"}, token=tenant.token)
    await app.call("POST", "webhooks/changes", {"title": "checkout 1.2.3"}, token=tenant.ingest_token)
    services = [
        (await app.call("POST", "services", {"name": name}, token=tenant.token)).json["id"] for name in ("a", "b")
    ]
    await app.call("PUT", "services/{}/dependencies/{}".format(*services), token=tenant.token)
    generic = {"kind": "generic", "name": "nowhere", "base_url": "http://127.0.0.1:1"}
    made = (await app.call("POST", "integrations", generic, token=tenant.token)).json
    await app.call("POST", f"integrations/{made['id']}/test", token=tenant.token)
    mailbox = {"kind": "email", "to": "ops@example.com"}
    channel = {"name": "a channel", "config": mailbox}
    made = (await app.call("POST", "notification-channels", channel, token=tenant.token)).json
    await app.call("POST", f"notification-channels/{made['id']}/test", token=tenant.token)
    window = {"title": "a window", "matchers": [{"label": "service", "value": "none"}]}
    times = {"starts_at": "2026-11-01T00:00:00Z", "ends_at": "2026-11-02T00:00:00Z", "rule": "FREQ=YEARLY"}
    await app.call("POST", "maintenance-windows", window | times, token=tenant.token)
    async with app.runtime.transaction(system_actor(TenantId(UUID(tenant.tenant_id)))) as tx:
        await password_reset.mint(tx, UUID(tenant.user_id))
        await bury(tx, project_id=UUID(tenant.project_id), source="alerts", reason="a reason", content="{}")
        subject = budget.Subject(
            tenant_id=tx.tenant_id,
            project_id=ProjectId(UUID(tenant.project_id)),
            incident_id=UUID(incident["id"]),
            model="a model",
        )
        await budget.reserve(tx, subject, Decimal(1), Decimal(20))
    await app.call("POST", "saved-views", {"name": "mine", "filters": {"open": True}}, token=tenant.token)
    async with await psycopg.AsyncConnection.connect(owner) as connection:
        await connection.execute(
            "insert into comments (tenant_id, id, incident_id, author_kind, author_id, author_name, body, created_at)"
            " select tenant_id, gen_random_uuid(), id, 'user', gen_random_uuid(), 'Ann', 'Seen.', now()"
            " from incidents where tenant_id = %s",
            (tenant.tenant_id,),
        )
        await connection.execute(
            "insert into incident_links (tenant_id, id, incident_id, other_id, kind)"
            " select tenant_id, gen_random_uuid(), min(id::text)::uuid, max(id::text)::uuid, 'recurrence'"
            " from incidents where tenant_id = %s group by tenant_id",
            (tenant.tenant_id,),
        )
        await connection.execute(
            "insert into postmortems (tenant_id, id, incident_id, body, action_items, version, created_at, updated_at)"
            " select tenant_id, gen_random_uuid(), id, 'a body', '[]', 1, now(), now() from incidents"
            " where tenant_id = %s",
            (tenant.tenant_id,),
        )
        await connection.execute(
            "insert into audit_seals (tenant_id, id, day, content, digest, sealed_at)"
            " values (%s, gen_random_uuid(), '2026-01-01', '{}', 'a digest', now())",
            (tenant.tenant_id,),
        )
        await connection.execute(
            "insert into audit_counts (tenant_id, id, day, kind, actor_kind, actor_name, action, outcome, count)"
            " values (%s, gen_random_uuid(), '2026-01-01', 'call', 'user', 'Ann', 'list_incidents', 'ok', 1)",
            (tenant.tenant_id,),
        )
    async with app.runtime.transaction(system_actor(TenantId(UUID(tenant.tenant_id)))) as tx:
        await gather(tx, ProjectId(UUID(tenant.project_id)))
    return UUID(tenant.tenant_id)


def tenant_column(table: str) -> sql.Identifier:
    return sql.Identifier("id" if table == "tenants" else "tenant_id")


@pytest.fixture
def owner(database_urls: DatabaseUrls) -> Iterator[psycopg.Connection]:
    """Whoever owns the tables, in a transaction that is rolled back."""
    with rolled_back(database_urls.owner) as connection:
        yield connection


@pytest.fixture
def ours(database_urls: DatabaseUrls, tenants: TwoTenants) -> Iterator[psycopg.Connection]:
    """The application's role in a transaction of our tenant."""
    with rolled_back(database_urls.app) as connection:
        connection.execute("select set_config('app.tenant_id', %s, true)", (str(tenants.ours),))
        yield connection


@pytest.fixture(params=["never set", "empty"])
def nobody(
    database_urls: DatabaseUrls, tenants: TwoTenants, request: pytest.FixtureRequest
) -> Iterator[psycopg.Connection]:
    """The application's role in a transaction of no tenant."""
    with rolled_back(database_urls.app) as connection:
        if request.param == "empty":
            connection.execute("select set_config('app.tenant_id', '', true)")
        yield connection


@contextmanager
def rolled_back(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url) as connection:
        yield connection
        connection.rollback()


def copy_of(database_urls: DatabaseUrls, table: str, tenant: UUID) -> str:
    """Return one of a tenant's rows as JSON."""
    query = sql.SQL("select to_jsonb(t)::text from {} t where {} = %s limit 1")
    with psycopg.connect(database_urls.owner) as connection:
        found = connection.execute(query.format(sql.Identifier(table), tenant_column(table)), (tenant,)).fetchone()
    assert found, f"no row to copy: populate() must make one in {table}"
    return str(found[0])


def insert_copy(connection: psycopg.Connection, table: str, row: str) -> None:
    query = "insert into {0} ({1}) overriding system value select {1} from jsonb_populate_record(null::{0}, %s::jsonb)"
    columns = sql.SQL(", ").join(sql.Identifier(one.name) for one in METADATA.tables[table].columns if not one.computed)
    connection.execute(sql.SQL(query).format(sql.Identifier(table), columns), (row,))


def may(connection: psycopg.Connection, table: str, verb: str, role: str = APP) -> bool:
    """Whether a role may do something with a table, or with some column of it."""
    found = connection.execute("select has_any_column_privilege(%s, %s, %s)", (role, table, verb)).fetchone()
    return bool(found and found[0])


def test_every_table_is_mapped_and_every_mapped_table_is_there(owner: psycopg.Connection) -> None:
    assert tables(owner) == set(TABLES)


def test_every_table_has_a_tenant_and_a_policy_that_holds_even_for_its_owner(owner: psycopg.Connection) -> None:
    assert census(owner) == set()


BARE = "create table bare (tenant_id uuid not null);"
ENABLED = f"{BARE} alter table bare enable row level security;"
FORCED = f"{ENABLED} alter table bare force row level security;"
POLICY = f"create policy p on bare to {APP} using"
OWN_ROWS = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"
UNGUARDED: dict[str, LiteralString] = {
    "nothing": BARE,
    "no tenant": "create table bare (id uuid)",
    "not forced": f"{ENABLED} {POLICY} ({OWN_ROWS}) with check ({OWN_ROWS})",
    "no policy": FORCED,
    "open policy": f"{FORCED} {POLICY} (true)",
    "writes not checked": f"{FORCED} {POLICY} ({OWN_ROWS}) with check (true)",
    "for another role": f"{FORCED} create policy p on bare to {SYSTEM} using ({OWN_ROWS}) with check ({OWN_ROWS})",
}


@pytest.mark.parametrize("case", UNGUARDED)
def test_the_census_finds_a_table_that_is_not_guarded(owner: psycopg.Connection, case: str) -> None:
    owner.execute(UNGUARDED[case])
    assert census(owner) == {"bare"}


def test_no_view_looks_past_the_policies(owner: psycopg.Connection) -> None:
    views = "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')"
    assert owner.execute(views).fetchall() == []


def test_no_function_runs_as_the_owner(owner: psycopg.Connection) -> None:
    query = "select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef"
    assert owner.execute(query).fetchall() == []


def test_every_unique_key_begins_with_the_tenant(owner: psycopg.Connection) -> None:
    query = """
      select indexrelid::regclass::text from pg_index join pg_class on pg_class.oid = indrelid
      where relnamespace = 'public'::regnamespace and relname <> 'alembic_version' and indisunique
        and pg_get_indexdef(indexrelid, 1, true) <> case relname when 'tenants' then 'id' else 'tenant_id' end
    """
    assert {name for (name,) in owner.execute(query).fetchall()} == ACROSS_TENANTS


def test_every_foreign_key_keeps_to_the_tenant(owner: psycopg.Connection) -> None:
    query = """
      select conname, pg_get_constraintdef(oid) from pg_constraint where contype = 'f' and pg_get_constraintdef(oid)
      !~ '^FOREIGN KEY \\(tenant_id(, \\w+)*\\) REFERENCES (tenants\\(id\\)|\\w+\\(tenant_id(, \\w+)*\\))'
    """
    assert owner.execute(query).fetchall() == []


def test_only_the_system_s_role_writes_e_mail_addresses(owner: psycopg.Connection) -> None:
    writers = {
        (role, verb)
        for role in (APP, SYSTEM)
        for verb in ("insert", "update")
        if owner.execute("select has_column_privilege(%s, 'users', 'email', %s)", (role, verb)).fetchone() == (True,)
    }
    assert writers == {(SYSTEM, "insert")}


@pytest.mark.parametrize("role", [APP, SYSTEM])
@pytest.mark.parametrize("verb", ["delete", "truncate", "references", "trigger"])
def test_neither_role_deletes_or_redefines(owner: psycopg.Connection, role: str, verb: str) -> None:
    query = "select has_table_privilege(%s, %s, %s)"
    # Whose time is over at a fixed age, or at the one that a tenant chose.
    ending = [
        *("alerts", "audit_counts", "dead_letters", "event_log", "idempotency_keys", "inbox", "incidents"),
        *("integration_checks", "notification_deliveries", "password_resets", "sessions"),
    ]
    allowed = ending if (role, verb) == (SYSTEM, "delete") else []
    assert [table for table in TABLES if owner.execute(query, (role, table, verb)).fetchone() == (True,)] == allowed


@pytest.mark.parametrize(
    ("role", "columns"),
    [(APP, {"awaiting", "due_at"}), (SYSTEM, {"awaiting", "due_at", "claims", "sent_at", "seq", "published_at"})],
)
def test_what_was_recorded_stays_as_it_was(owner: psycopg.Connection, role: str, columns: set[str]) -> None:
    query = """
      select attname from pg_attribute
      where attrelid = 'event_log'::regclass and attnum > 0 and has_column_privilege(%s, attrelid, attnum, 'update')
    """
    assert {name for (name,) in owner.execute(query, (role,)).fetchall()} == columns


@pytest.mark.parametrize("table", TABLES)
def test_a_transaction_of_no_tenant_sees_nothing(nobody: psycopg.Connection, table: str) -> None:
    query = sql.SQL("select count(*) from {}").format(sql.Identifier(table))
    assert nobody.execute(query).fetchone() == (0,)


@pytest.mark.parametrize("table", TABLES)
def test_a_transaction_of_no_tenant_writes_nothing(
    nobody: psycopg.Connection, table: str, database_urls: DatabaseUrls, tenants: TwoTenants
) -> None:
    row = copy_of(database_urls, table, tenants.ours)
    with pytest.raises(InsufficientPrivilege):
        insert_copy(nobody, table, row)


@pytest.mark.parametrize("table", TABLES)
def test_a_tenant_sees_its_own_rows_and_no_others(ours: psycopg.Connection, table: str, tenants: TwoTenants) -> None:
    query = sql.SQL("select distinct {} from {}").format(tenant_column(table), sql.Identifier(table))
    assert ours.execute(query).fetchall() == [(tenants.ours,)]


@pytest.mark.parametrize("table", TABLES)
def test_a_tenant_inserts_no_row_of_another(
    ours: psycopg.Connection, table: str, database_urls: DatabaseUrls, tenants: TwoTenants
) -> None:
    own, other = (copy_of(database_urls, table, tenant) for tenant in (tenants.ours, tenants.theirs))
    with pytest.raises(InsufficientPrivilege), ours.transaction():
        insert_copy(ours, table, other)
    # Its own row is refused too where the role may not insert, and else only for being there already.
    with pytest.raises(UniqueViolation if may(ours, table, "insert") else InsufficientPrivilege):
        insert_copy(ours, table, own)


def updatable(connection: psycopg.Connection, table: str) -> list[str]:
    """Return the columns that the application's role may write, without those the database writes by itself."""
    query = """
      select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and attidentity = ''
      and attgenerated = '' and has_column_privilege(%s, attrelid, attnum, 'update')
    """
    return [str(name) for (name,) in connection.execute(query, (table, APP)).fetchall()]


@pytest.mark.parametrize("table", TABLES)
def test_a_tenant_updates_no_row_of_another(ours: psycopg.Connection, table: str, tenants: TwoTenants) -> None:
    columns = updatable(ours, table)
    if not columns:
        assert not may(ours, table, "update")
        return
    same = sql.SQL("update {0} set {1} = {1}").format(sql.Identifier(table), sql.Identifier(columns[-1]))
    theirs = sql.SQL("{} where {} = %s").format(same, tenant_column(table))
    assert ours.execute(theirs, (tenants.theirs,)).rowcount == 0
    returned = ours.execute(sql.SQL("{} returning {}").format(same, tenant_column(table))).fetchall()
    assert set(returned) == {(tenants.ours,)}


@pytest.mark.parametrize("table", TABLES)
def test_a_tenant_gives_no_row_away(ours: psycopg.Connection, table: str, tenants: TwoTenants) -> None:
    query = sql.SQL("update {} set {} = %s").format(sql.Identifier(table), tenant_column(table))
    with pytest.raises(InsufficientPrivilege):
        ours.execute(query, (tenants.theirs,))
