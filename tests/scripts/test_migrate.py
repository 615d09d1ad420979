import asyncio
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from infra.migrations.roles import APP, SEARCH, SYSTEM
from scripts.migrate import migrate, provision_storage
from shared.platform.settings import Settings
from tests.fixtures import DatabaseUrls, empty_database, migrate_alone
from tests.infra.migrations.catalogue import Rows, guards, schema

REPOSITORY = Path(__file__).parents[2]


def snapshot(owner: str) -> dict[str, Rows]:
    with psycopg.connect(owner) as connection:
        version = connection.execute("select version_num from alembic_version").fetchall()
        return {**schema(connection), **guards(connection), "version": version}


def test_migrating_again_changes_nothing(database_urls: DatabaseUrls, postgres_url: str) -> None:
    before = snapshot(database_urls.owner)
    migrate_alone(postgres_url, database_urls.owner)
    assert snapshot(database_urls.owner) == before


async def test_two_migrators_at_once_make_one_schema(database_urls: DatabaseUrls, postgres_url: str) -> None:
    with empty_database(postgres_url) as owner:
        migrators = [
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "scripts.migrate",
                cwd=REPOSITORY,
                env={"PATH": os.environ["PATH"], "MIGRATION_DATABASE_URL": owner},
                stderr=asyncio.subprocess.PIPE,
            )
            for _ in range(2)
        ]
        async with asyncio.timeout(60):
            said = [(await one.communicate())[1].decode() for one in migrators]
        assert [one.returncode for one in migrators] == [0, 0], said
        assert snapshot(owner) == snapshot(database_urls.owner)


def test_without_passwords_the_roles_keep_theirs(database_urls: DatabaseUrls) -> None:
    migrate(database_urls.owner, {})
    for url in (database_urls.app, database_urls.system):
        psycopg.connect(url).close()


def test_a_migrator_is_told_what_it_needs() -> None:
    program = [sys.executable, "-m", "scripts.migrate"]
    done = subprocess.run(program, cwd=REPOSITORY, env={}, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("MIGRATION_DATABASE_URL is not set")


async def test_storage_may_be_provisioned_again(settings: Settings) -> None:
    await provision_storage(settings.storage_access)


@pytest.mark.parametrize("role", [APP, SYSTEM])
def test_the_roles_that_the_app_signs_in_as_rule_nothing(database_urls: DatabaseUrls, role: str) -> None:
    with psycopg.connect(database_urls.owner) as connection:
        found = connection.execute(
            "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin,"
            " exists (select from pg_auth_members where member = r.oid and inherit_option),"
            " exists (select from pg_class where relowner = r.oid),"
            " has_schema_privilege(oid, 'public', 'create'),"
            " has_table_privilege(oid, 'alembic_version', 'select')"
            " from pg_roles r where rolname = %s",
            (role,),
        ).fetchone()
    assert found == (False, False, False, False, False, True, False, False, False, False)


def test_the_search_role_signs_in_nowhere_and_is_for_the_application_alone(database_urls: DatabaseUrls) -> None:
    with psycopg.connect(database_urls.owner) as connection:
        members = connection.execute(
            "select r.rolname, m.rolname, admin_option, inherit_option from pg_auth_members a"
            " join pg_roles r on r.oid = a.roleid join pg_roles m on m.oid = a.member where m.rolname = any(%s)",
            ([APP, SYSTEM, SEARCH],),
        ).fetchall()
        found = connection.execute(
            "select rolsuper, rolbypassrls, rolcreaterole, rolcanlogin,"
            " has_table_privilege(oid, 'incidents', 'insert, update, delete')"
            " from pg_roles where rolname = %s",
            (SEARCH,),
        ).fetchone()
    assert members == [(SEARCH, APP, False, False)]
    assert found == (False, False, False, False, False)
