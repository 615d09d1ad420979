"""Days and hours of a time zone, as moments."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)


class Interval(StrEnum):
    """What a trend is told by."""

    DAY = "day"
    HOUR = "hour"


def bounds(since: datetime, until: datetime, interval: Interval, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield where each bucket between two moments begins, and at last `until`; in UTC.

    The first one begins at `since`, the others with a day or an hour of the zone's wall clock. A day is as long as it
    is there: 23 or 25 hours when clocks change.
    """
    yield since.astimezone(UTC)
    beginnings = _days(since, zone) if interval is Interval.DAY else _hours(since, zone)
    for begins in beginnings:
        if begins >= until:
            break
        yield begins
    yield until.astimezone(UTC)


def _days(since: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    day = since.astimezone(zone).date()
    while True:
        day += timedelta(days=1)
        yield datetime.combine(day, time(), zone).astimezone(UTC)


def _hours(since: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    local = since.astimezone(zone)
    hour = since.astimezone(UTC) - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    while True:
        hour += HOUR
        yield hour
