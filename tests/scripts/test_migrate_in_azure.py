"""Migrating a server like Azure's: its administrator is no superuser, and the roles are those of Entra identities."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, LiteralString
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from infra.migrations.roles import APP, SYSTEM
from scripts import migrate as program
from scripts.devstack.environment import as_role
from scripts.devstack.postgres import launch_postgres
from scripts.devstack.state import State
from scripts.migrate import NEWEST, migrate, owner_address
from shared.platform.database import trusted_authorities
from tests.fixtures import DatabaseUrls
from tests.infra.migrations.catalogue import schema
from tests.shared.platform.entra import Entra, serving

ADMINISTRATOR: Final = "id-migrate-x"
OBJECT_ID: Final = "11111111-1111-1111-1111-111111111111"
ONE_MORE: Final = """
from alembic import op
revision, down_revision = "9999", "{}"
def upgrade(): op.execute("alter table dead_letters add column one_more text")
"""


@dataclass(frozen=True)
class Server:
    """A server of its own, for roles belong to the whole server: as its superuser, and as its administrator."""

    superuser: str
    administrator: str

    def run(self, statement: LiteralString | sql.Composed) -> None:
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    service = launch_postgres(State.open(tmp_path_factory.mktemp("azure")), durable=False).await_ready()
    found = Server(service.url, as_role(service.url, ADMINISTRATOR, "password"))
    found.run("create role azure_pg_admin nologin")
    found.run("create role \"id-migrate-x\" login createrole password 'password' in role azure_pg_admin")
    found.run("alter database srecopilot owner to azure_pg_admin")
    yield found
    service.stop()


def test_an_administrator_who_is_no_superuser_can_do_all_of_it(server: Server, database_urls: DatabaseUrls) -> None:
    """Twice, for what is there already must not be in the way."""
    for _ in range(2):
        migrate(server.administrator, {APP: "a", SYSTEM: "s"})
    with psycopg.connect(server.superuser) as made, psycopg.connect(database_urls.owner) as usual:
        assert schema(made) == schema(usual)
        owners = made.execute("select distinct tableowner from pg_tables where schemaname = 'public'").fetchall()
        assert owners == [(ADMINISTRATOR,)]
    for role, password in ((APP, "a"), (SYSTEM, "s")):
        psycopg.connect(as_role(server.superuser, role, password)).close()


# What the extension of Azure's server keeps. No other server has it, so a label cannot be given here, only found.
def label(server: Server, role: str, object_id: str) -> None:
    with psycopg.connect(server.superuser, autocommit=True) as connection:
        connection.execute("set allow_system_table_mods = on")
        connection.execute("delete from pg_shseclabel")
        connection.execute(
            "insert into pg_shseclabel (objoid, classoid, provider, label) values"
            " (%s::regrole, 'pg_authid'::regclass, 'pgaadauth', %s)",
            (role, f"aadauth,oid={object_id},type=service"),
        )


@pytest.fixture
def migrated(server: Server) -> Iterator[Server]:
    migrate(server.administrator, {})
    yield server
    with psycopg.connect(server.superuser, autocommit=True) as connection:
        connection.execute("set allow_system_table_mods = on")
        connection.execute("delete from pg_shseclabel")


def test_an_identity_that_signs_in_already_goes_on_doing_so(migrated: Server) -> None:
    label(migrated, APP, OBJECT_ID)
    migrate(migrated.administrator, {}, {APP: OBJECT_ID})


def test_no_other_identity_takes_a_role_over(migrated: Server) -> None:
    label(migrated, APP, str(uuid4()))
    with pytest.raises(SystemExit, match=f"{APP} is for another Entra identity"):
        migrate(migrated.administrator, {}, {APP: OBJECT_ID})


def test_a_server_without_entra_says_so(migrated: Server) -> None:
    with pytest.raises(SystemExit, match="This server knows nothing of Entra"):
        migrate(migrated.administrator, {}, {APP: OBJECT_ID})


def test_an_object_id_is_one(migrated: Server) -> None:
    with pytest.raises(ValueError, match="badly formed"):
        migrate(migrated.administrator, {}, {APP: "srecopilot'; drop table incidents"})


@pytest.fixture
def one_more(migrated: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A database that is one migration behind, which needs a table for itself."""
    shutil.copytree(program.MIGRATIONS, tmp_path / "migrations")
    (tmp_path / "migrations/versions/9999_one_more.py").write_text(ONE_MORE.format(NEWEST))
    monkeypatch.setattr(program, "MIGRATIONS", tmp_path / "migrations")
    monkeypatch.setattr(program, "NEWEST", "9999")
    yield migrated
    migrated.run("alter table dead_letters drop column if exists one_more")
    migrated.run(sql.SQL("update alembic_version set version_num = {}").format(NEWEST))


def test_a_busy_table_is_not_waited_for_and_a_later_try_finishes(
    one_more: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for a lock and waits makes everybody wait that comes after."""
    monkeypatch.setattr(program, "LOCK_TIMEOUT", 50)
    with psycopg.connect(one_more.superuser) as reader:
        reader.execute("select from dead_letters limit 1")
        with pytest.raises(SystemExit, match="The tables are busy"):
            migrate(one_more.administrator, {}, pause=0)
        with psycopg.connect(one_more.superuser) as another:
            another.execute("select from dead_letters limit 1")
            assert another.execute("select version_num from alembic_version").fetchone() == (NEWEST,)
    migrate(one_more.administrator, {}, pause=0)
    with psycopg.connect(one_more.superuser) as connection:
        assert connection.execute("select version_num from alembic_version").fetchone() == ("9999",)
        connection.execute("select one_more from dead_letters")


async def test_an_administrator_signs_in_with_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    entra = Entra()
    async with serving(entra.give) as entra.address:
        for name, value in entra.environment.items():
            monkeypatch.setenv(name, value)
        given = {
            "POSTGRES_HOST": "psql-x.postgres.database.azure.com",
            "MIGRATION_USER": "ann@example.com",
            "AZURE_CLIENT_ID": "the-migrator",
        }
        found = await asyncio.to_thread(owner_address, given)
    parts = psycopg.conninfo.conninfo_to_dict(found)
    assert parts.pop("password") == entra.token("the-migrator", "https://ossrdbms-aad.database.windows.net")
    assert parts == {
        "sslrootcert": trusted_authorities(),
        "user": "ann@example.com",
        "host": "psql-x.postgres.database.azure.com",
        "port": "5432",
        "dbname": "srecopilot",
        "sslmode": "verify-full",
    }
