"""What PostgreSQL's own catalogue says about the product's tables."""

from typing import Final, LiteralString

import psycopg

from infra.migrations.roles import APP

type Rows = list[tuple[object, ...]]

TABLES: Final[LiteralString] = """
  select relname from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> 'alembic_version'
"""
_SCHEMA: Final[dict[str, LiteralString]] = {
    "columns": f"""
      select attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
             pg_get_expr(adbin, adrelid)
      from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
      where attrelid::regclass::text in ({TABLES}) and attnum > 0 and not attisdropped order by 1, 2""",
    "constraints": f"""
      select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
      where conrelid::regclass::text in ({TABLES}) order by 1, 2""",
    "indexes": f"""
      select tablename, indexname, indexdef from pg_indexes
      where schemaname = 'public' and tablename in ({TABLES}) order by 1, 2""",
}
_GUARDS: Final[dict[str, LiteralString]] = {
    "policies": "select tablename, policyname, roles, cmd, qual, with_check from pg_policies order by 1, 2",
    "privileges": f"""
      select relname, relrowsecurity, relforcerowsecurity, relacl from pg_class
      where relname in ({TABLES}) order by 1""",
    "column privileges": f"""
      select attrelid::regclass::text, attname, attacl from pg_attribute
      where attrelid::regclass::text in ({TABLES}) and attacl is not null order by 1, 2""",
}


def tables(connection: psycopg.Connection) -> set[str]:
    """Return the names of the product's tables."""
    return {name for (name,) in connection.execute(TABLES).fetchall()}


def schema(connection: psycopg.Connection) -> dict[str, Rows]:
    """Return columns, constraints and indexes, in an order of their own."""
    return {part: connection.execute(query).fetchall() for part, query in _SCHEMA.items()}


def guards(connection: psycopg.Connection) -> dict[str, Rows]:
    """Return policies and privileges, in an order of their own."""
    return {part: connection.execute(query).fetchall() for part, query in _GUARDS.items()}


def census(connection: psycopg.Connection) -> set[str]:
    """Return the tables that are not guarded: no tenant, no forced row security, or no policy for the app's role."""
    query: LiteralString = """
      select relname from pg_class c
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> 'alembic_version' and not (
        relrowsecurity and relforcerowsecurity
        and (relname = 'tenants' or exists (
          select from pg_attribute where attrelid = c.oid and attname = 'tenant_id' and attnotnull))
        and exists (select from pg_policies where tablename = relname and %s = any(roles) and cmd = 'ALL'
                    and qual like '%%app.tenant_id%%' and with_check = qual))
    """
    return {name for (name,) in connection.execute(query, (APP,)).fetchall()}
