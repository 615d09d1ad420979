"""Bring a deployment's stores up to date: roles, schema, queues, tables and blob containers.

Reads MIGRATION_DATABASE_URL (whoever owns the schema and may create roles), APP_ROLE_PASSWORD and SYSTEM_ROLE_PASSWORD
(absent where the roles sign in with Entra), and AzureWebJobsStorage (absent where the storage is made by Bicep).
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from infra.migrations.roles import APP, SEARCH, SYSTEM
from shared.platform.blob_store import BlobStore
from shared.platform.queues import Queue, Queues, poison_of
from shared.platform.settings import StorageAccess
from shared.platform.table_store import TableStore

OLDEST_POSTGRES = 18
MIGRATIONS = Path(__file__).parent.parent / "infra" / "migrations"
NEWEST = max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
ADVISORY_LOCK = 7_071


def migrate(owner_url: str, passwords: Mapping[str, str]) -> None:
    """Make the roles (with `passwords` by role, where given) and upgrade the schema, one run at a time.

    Raises `SystemExit` with a plain message when the server is too old.
    """
    with psycopg.connect(owner_url, autocommit=True) as connection:
        if connection.info.server_version < OLDEST_POSTGRES * 10_000:
            raise SystemExit(
                f"PostgreSQL {OLDEST_POSTGRES} or later is needed; this is {connection.info.server_version // 10_000}."
            )
        connection.execute("select pg_advisory_lock(%s)", (ADVISORY_LOCK,))
        _make_roles(connection, passwords)
        if _revision(connection) != NEWEST:
            _upgrade(owner_url)


async def provision_storage(access: StorageAccess) -> None:
    """Create the queues, their poison twins, the tables and the blob containers that do not exist yet."""
    queues, tables, blobs = Queues(access), TableStore(access), BlobStore(access)
    try:
        await queues.create([name for queue in Queue for name in (queue.value, poison_of(queue))])
        await tables.create()
        await blobs.create()
    finally:
        await queues.close()
        await tables.close()
        await blobs.close()


def _make_roles(connection: psycopg.Connection, passwords: Mapping[str, str]) -> None:
    for role in (APP, SYSTEM):
        known = connection.execute("select from pg_roles where rolname = %s", (role,)).rowcount
        if not known:
            connection.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
        if password := passwords.get(role):
            connection.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(password)))
        connection.execute(sql.SQL("grant usage on schema public to {}").format(sql.Identifier(role)))
        # A role's own settings, because a pooler in between passes no options on.
        connection.execute(sql.SQL("alter role {} set statement_timeout = '30s'").format(sql.Identifier(role)))
        connection.execute(
            sql.SQL("alter role {} set idle_in_transaction_session_timeout = '60s'").format(sql.Identifier(role))
        )
    if not connection.execute("select from pg_roles where rolname = %s", (SEARCH,)).rowcount:
        connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(SEARCH)))
    connection.execute(sql.SQL("grant usage on schema public to {}").format(sql.Identifier(SEARCH)))
    # To become it, and not to have its rights besides its own: then its policies would add up with the application's.
    connection.execute(sql.SQL("grant {} to {} with inherit false").format(sql.Identifier(SEARCH), sql.Identifier(APP)))


def _revision(connection: psycopg.Connection) -> str | None:
    """Return the schema's revision; None while there is no schema."""
    if connection.execute("select to_regclass('alembic_version')").fetchone() == (None,):
        return None
    found = connection.execute("select version_num from alembic_version").fetchone()
    return found[0] if found else None


def _upgrade(owner_url: str) -> None:
    from alembic import command  # noqa: PLC0415 - a second of imports that an up-to-date schema does not need
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    finally:
        engine.dispose()


def main() -> None:
    argparse.ArgumentParser(prog="migrate", description=__doc__).parse_args()
    owner_url = os.environ.get("MIGRATION_DATABASE_URL")
    if not owner_url:
        sys.exit("MIGRATION_DATABASE_URL is not set: it names the database and whoever owns its schema.")
    given = {APP: os.environ.get("APP_ROLE_PASSWORD", ""), SYSTEM: os.environ.get("SYSTEM_ROLE_PASSWORD", "")}
    migrate(owner_url, given)
    if storage := os.environ.get("AzureWebJobsStorage"):  # noqa: SIM112 - Azure's own spelling
        asyncio.run(provision_storage(StorageAccess(connection_string=SecretStr(storage))))


if __name__ == "__main__":
    main()
