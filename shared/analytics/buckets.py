"""Stretches of time, as moments: the days and hours of a time zone, and the blocks that sums are kept of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)
ORIGIN: Final = datetime(2001, 1, 1, tzinfo=UTC)  # a Monday; blocks are counted from here


class Interval(StrEnum):
    """What a trend is told by."""

    DAY = "day"
    HOUR = "hour"


class Block(StrEnum):
    """What sums are kept of: hours, days and weeks of UTC."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"

    @property
    def length(self) -> timedelta:
        return timedelta(**{f"{self}s": 1})

    def around(self, at: datetime) -> datetime:
        """Return where the block that a moment is in begins."""
        return at - (at - ORIGIN) % self.length


@dataclass(frozen=True, slots=True)
class Pieces:
    """The beginnings of blocks of which only pieces are wanted, and these: each from `since` until before `until`."""

    split: list[datetime]
    since: list[datetime]
    until: list[datetime]


def pieces(edges: Sequence[datetime], block: Block) -> Pieces:
    """Return the blocks that the edges of buckets split, and what of them is between the first edge and the last."""
    split = sorted({begins for edge in edges if (begins := block.around(edge)) != edge})
    return Pieces(
        split=split,
        since=[max(begins, edges[0]) for begins in split],
        until=[min(begins + block.length, edges[-1]) for begins in split],
    )


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
