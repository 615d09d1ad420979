"""Ranges of days that somebody asks about."""

from datetime import date, timedelta
from typing import Final, NamedTuple

from shared.audit.schemas import DaysQuery
from shared.kernel.errors import Invalid

_USUAL: Final = timedelta(days=29)
_MOST: Final = 366


class Days(NamedTuple):
    """Both ends are included."""

    since: date
    until: date


class BadDays(Invalid):
    title = "The date range is not valid."


def days_of(given: DaysQuery, today: date) -> Days:
    """Return the days that are asked about. Raises `BadDays`."""
    until = given.until or today
    since = given.since or until - _USUAL
    if since > until:
        raise BadDays.of("from must not be after to", "from", "to")
    if (until - since).days >= _MOST:
        raise BadDays.of(f"from and to must be within {_MOST} days", "from", "to")
    return Days(since, until)
