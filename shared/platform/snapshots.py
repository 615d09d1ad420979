"""What a moment of the database could see, as text to be kept: PostgreSQL's snapshots.

Times and positions are taken before a transaction commits, so whoever goes on behind the last one misses what a slow
transaction commits later. A snapshot tells exactly.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_
from sqlalchemy.orm import InstrumentedAttribute

from shared.platform.tables import EventRow


def current_snapshot() -> ColumnElement[str]:
    """What the statement that asks can see."""
    return func.text(func.pg_current_snapshot())


def came_after(snapshot: str | InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether an event, which is seen now, was not yet to be seen in a snapshot.

    Transaction ids from before a database was restored elsewhere may be ahead of that server's own. They are old.
    """
    recorded_in: ColumnElement[Any] = func.xid8(func.text(EventRow.recorded_in))
    unseen = not_(func.pg_visible_in_snapshot(recorded_in, func.pg_snapshot(snapshot)))
    return and_(unseen, recorded_in < func.pg_snapshot_xmax(func.pg_current_snapshot()))
