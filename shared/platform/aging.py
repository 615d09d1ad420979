"""Letting go of rows that nobody reads again, at an age that is the same for all tenants."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from shared.platform.runtime import Runtime
from shared.platform.tables import TenantTable

_MAX_AT_ONCE: Final = 50_000  # as much as does not keep others waiting; the next run goes on


async def forget_older(
    runtime: Runtime,
    table: type[TenantTable],
    at: InstrumentedAttribute[Any],
    kept_for: timedelta,
    *more: ColumnElement[bool],
) -> None:
    """Delete a table's oldest rows, where `at` is longer ago than `kept_for` and `more` holds. Raises `Unavailable`."""
    async with runtime.system_transaction() as system:
        old = select(table.tenant_id, table.id).where(at < system.now - kept_for, *more).order_by(at)
        await system.session.execute(
            delete(table).where(tuple_(table.tenant_id, table.id).in_(old.limit(_MAX_AT_ONCE)))
        )
