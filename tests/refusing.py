"""A database that refuses what is written for one tenant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg import sql

from tests.fixtures import Tenant


@asynccontextmanager
async def refusing(
    owner: psycopg.AsyncConnection, table: str, tenant: Tenant, *, saying: str = "refused"
) -> AsyncIterator[None]:
    """Have whatever is written to a table for the tenant fail, as only a fault of ours does."""
    name = sql.Identifier(f"refuse_{tenant.tenant_id}")
    body = f"begin if new.tenant_id = '{tenant.tenant_id}' then raise exception '{saying}'; end if; return new; end"
    await owner.execute(
        sql.SQL("create function {}() returns trigger language plpgsql as {}").format(name, sql.Literal(body))
    )
    await owner.execute(
        sql.SQL("create trigger refuse before insert or update on {} for each row execute function {}()").format(
            sql.Identifier(table), name
        )
    )
    try:
        yield
    finally:
        await owner.execute(sql.SQL("drop function {} cascade").format(name))
