"""Row-level security: what a migration says for each table it makes."""

from typing import Final

from alembic import op

from infra.migrations.roles import APP, SEARCH, SYSTEM

TENANT: Final = "nullif(current_setting('app.tenant_id', true), '')::uuid"


def isolate(table: str, *, app: str, tenant_column: str = "tenant_id") -> None:
    """Force row-level security on a tenant table and give the application's role `app`, a list of privileges.

    The policy holds for the table's owner too, and lets nobody see or write a row of another tenant. Without a tenant
    set there are no rows.
    """
    own = f"{tenant_column} = {TENANT}"
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy tenant_rows on {table} to {APP} using ({own}) with check ({own})")
    op.execute(f"grant {app} on {table} to {APP}")


def admit_system(table: str, **privileges: str) -> None:
    """Let the system's role work across tenants: for each verb, `"all"` columns or a list of them."""
    for verb, columns in privileges.items():
        check = {"insert": "with check (true)", "update": "using (true) with check (true)"}.get(verb, "using (true)")
        op.execute(f"create policy system_{verb} on {table} for {verb} to {SYSTEM} {check}")
        listed = "" if columns == "all" else f" ({columns})"
        op.execute(f"grant {verb}{listed} on {table} to {SYSTEM}")


def admit_search(table: str, column: str) -> None:
    """Let the search role see a tenant's rows that match the words of `app.search`; without words there are no rows."""
    found = f"tenant_id = {TENANT} and {column} @@ nullif(current_setting('app.search', true), '')::tsquery"
    op.execute(f"create policy found_rows on {table} for select to {SEARCH} using ({found})")
    op.execute(f"grant select on {table} to {SEARCH}")
