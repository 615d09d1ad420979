"""Run migrations on the connection that the caller opened (scripts/migrate.py)."""

from alembic import context

from shared.views.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    compare_server_default=False,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
