"""Pages and their opaque cursors. What is inside a cursor is ours to change."""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from shared.kernel.errors import Invalid
from shared.platform.wire import Page

_MAX_DIGITS: Final = 18  # what PostgreSQL's bigint holds


class BadCursor(Invalid):
    title = "The cursor is not valid for this list."

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "cursor", "message": "unknown cursor"}])


def page_of[Row, Item](
    rows: Sequence[Row], limit: int, show: Callable[[Row], Item], cursor: Callable[[Row], str]
) -> Page[Item]:
    """Return a page of `limit` rows. One row more than that says that another page follows."""
    shown = rows[:limit]
    return Page(items=[show(row) for row in shown], next_cursor=cursor(shown[-1]) if len(rows) > limit else None)


def cursor_of(last: str | int | UUID) -> str:
    """Return the cursor of the page that follows `last`."""
    return urlsafe_b64encode(f"v1:{last}".encode()).decode().rstrip("=")


def last_of(cursor: str) -> str:
    """Return what a cursor stands for. Raises `BadCursor`."""
    try:
        version, _, last = (
            b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), b"-_", validate=True).decode().partition(":")
        )
    except ValueError:
        raise BadCursor from None
    if version != "v1" or "\0" in last:
        raise BadCursor
    return last


def cursor_at(at: datetime, last: UUID) -> str:
    """Return the cursor of the page that follows `last`, in a list that is ordered by a time."""
    return cursor_of(f"{at.astimezone(UTC).isoformat()}_{last}")


def last_moment(cursor: str) -> tuple[datetime, UUID]:
    """Return the time and the id that a cursor stands for. Raises `BadCursor`."""
    at, _, last = last_of(cursor).partition("_")
    try:
        found = datetime.fromisoformat(at)
        if found.tzinfo is None:
            raise BadCursor
        return found, UUID(last)
    except ValueError:
        raise BadCursor from None


def cursor_named(name: str, last: UUID) -> str:
    """Return the cursor of the page that follows `last`, in a list that is ordered by names."""
    return cursor_of(f"{last}_{name}")


def last_named(cursor: str | None) -> tuple[str, UUID] | None:
    """Return the name and the id that a cursor stands for, None on the first page. Raises `BadCursor`."""
    if not cursor:
        return None
    last, _, name = last_of(cursor).partition("_")
    try:
        return name, UUID(last)
    except ValueError:
        raise BadCursor from None


def last_id(cursor: str | None) -> UUID | None:
    """Return the id that a cursor stands for, None on the first page. Raises `BadCursor`."""
    if not cursor:
        return None
    try:
        return UUID(last_of(cursor))
    except ValueError:
        raise BadCursor from None


def last_number(cursor: str) -> int:
    """Return the number that a cursor stands for. Raises `BadCursor`."""
    last = last_of(cursor)
    if not last.isdecimal() or len(last) > _MAX_DIGITS:
        raise BadCursor
    return int(last)
