"""Bring a deployment's stores up to date: roles, schema, queues, tables and blob containers; see ./scripts/migrate."""

import argparse
import asyncio
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.errors import InvalidParameterValue
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

from infra.migrations.roles import APP, SEARCH, SYSTEM
from shared.platform.blob_store import BlobStore
from shared.platform.database import trusted_authorities
from shared.platform.entra import POSTGRES_SCOPE, blocking_credential
from shared.platform.queues import Queue, Queues, poison_of
from shared.platform.settings import StorageAccess
from shared.platform.table_store import TableStore

OLDEST_POSTGRES = 18
MIGRATIONS = Path(__file__).parent.parent / "infra" / "migrations"
NEWEST = max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
ADVISORY_LOCK = 7_071
# Whoever waits for a lock on a busy table makes all wait that come after. So: not long, and again a little later.
LOCK_TIMEOUT: Final = 5_000  # milliseconds
TRIES: Final = 5
PAUSE: Final = 10.0  # seconds
_LOCK_NOT_AVAILABLE: Final = "55P03"


def migrate(
    owner_url: str, passwords: Mapping[str, str], principals: Mapping[str, str] | None = None, *, pause: float = PAUSE
) -> None:
    """Make the roles and upgrade the schema, one run at a time.

    `passwords` and `principals` are by role: how it signs in, by a password, or as the Entra identity of an object id.
    `pause` is how long to wait before the next try, in seconds, when the tables are busy. Raises `SystemExit` with a
    plain message when the server cannot be used, or the tables stay busy.
    """
    with psycopg.connect(owner_url, autocommit=True) as connection:
        if connection.info.server_version < OLDEST_POSTGRES * 10_000:
            raise SystemExit(
                f"PostgreSQL {OLDEST_POSTGRES} or later is needed; this is {connection.info.server_version // 10_000}."
            )
        connection.execute("select pg_advisory_lock(%s)", (ADVISORY_LOCK,))
        _make_roles(connection, passwords)
        for role, object_id in (principals or {}).items():
            _admit(connection, role, UUID(object_id))
        for attempt in range(TRIES):
            time.sleep(pause if attempt else 0)
            if _revision(connection) == NEWEST or _upgrade(owner_url):
                return
        raise SystemExit("The tables are busy. What was begun is undone; run this again when less is going on.")


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


def owner_address(environment: Mapping[str, str]) -> str:
    """Return the URL of the database as its schema's owner, with a fresh Entra token where it is named by its host.

    Always PostgreSQL's own port: the lock of a run belongs to a session, which a pooler would hand to others.
    Raises `SystemExit` with a plain message when the environment does not say enough.
    """
    if given := environment.get("MIGRATION_DATABASE_URL"):
        return given
    host, user = environment.get("POSTGRES_HOST"), environment.get("MIGRATION_USER")
    if not host or not user:
        raise SystemExit(
            "MIGRATION_DATABASE_URL is not set: it names the database and whoever owns its schema. "
            "Or set POSTGRES_HOST and MIGRATION_USER, to sign in with a token of Entra."
        )
    with blocking_credential(environment.get("AZURE_CLIENT_ID", "")) as credential:
        token = credential.get_token(POSTGRES_SCOPE).token
    return URL.create(
        "postgresql",
        username=user,
        password=token,
        host=host,
        port=int(environment.get("MIGRATION_PORT") or 5432),
        database=environment.get("POSTGRES_DATABASE") or "srecopilot",
        query={"sslmode": "verify-full", "sslrootcert": trusted_authorities()},
    ).render_as_string(hide_password=False)


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


def _admit(connection: psycopg.Connection, role: str, object_id: UUID) -> None:
    """Let an Entra identity sign in as a role: by a label on it, which is how Azure Database for PostgreSQL keeps that.

    Not by its function `pgaadauth_create_principal_with_oid`, which makes the role itself: since PostgreSQL 16 only who
    has made a role may change its settings. A label is never replaced, for that would let another identity in.
    """
    found = connection.execute(
        "select label from pg_shseclabel where provider = 'pgaadauth' and objoid = %s::regrole", (role,)
    ).fetchone()
    if found is not None:
        if f"oid={object_id}" not in found[0].split(","):
            raise SystemExit(f"{role} is for another Entra identity; docs/runbook.md says how to change that.")
        return
    label = sql.Literal(f"aadauth,oid={object_id},type=service")
    try:
        connection.execute(sql.SQL("security label for pgaadauth on role {} is {}").format(sql.Identifier(role), label))
    except InvalidParameterValue as error:
        raise SystemExit(f"This server knows nothing of Entra: {error.diag.message_primary}.") from None


def _revision(connection: psycopg.Connection) -> str | None:
    """Return the schema's revision; None while there is no schema."""
    if connection.execute("select to_regclass('alembic_version')").fetchone() == (None,):
        return None
    found = connection.execute("select version_num from alembic_version").fetchone()
    return found[0] if found else None


def _upgrade(owner_url: str) -> bool:
    """Run what is left, each migration in a transaction of its own; False when a table was busy for too long."""
    from alembic import command  # noqa: PLC0415 - a second of imports that an up-to-date schema does not need
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"set lock_timeout = {LOCK_TIMEOUT}")
            connection.commit()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        return False
    finally:
        engine.dispose()
    return True


def main() -> None:
    argparse.ArgumentParser(prog="./scripts/migrate", description=__doc__).parse_args()
    passwords = {APP: os.environ.get("APP_ROLE_PASSWORD", ""), SYSTEM: os.environ.get("SYSTEM_ROLE_PASSWORD", "")}
    identities = {APP: os.environ.get("APP_PRINCIPAL_ID", ""), SYSTEM: os.environ.get("SYSTEM_PRINCIPAL_ID", "")}
    migrate(owner_address(os.environ), passwords, {role: given for role, given in identities.items() if given})
    if storage := os.environ.get("AzureWebJobsStorage"):  # noqa: SIM112 - Azure's own spelling
        asyncio.run(provision_storage(StorageAccess(connection_string=SecretStr(storage))))


if __name__ == "__main__":
    main()
