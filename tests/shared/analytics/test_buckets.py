"""Days and hours of a wall clock, also where it is put forward and back."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from shared.analytics.buckets import Interval, bounds


@pytest.mark.parametrize(
    ("zone", "first", "hours"),
    [
        ("UTC", datetime(2026, 3, 1, tzinfo=UTC), [24, 24, 24]),
        ("Europe/Berlin", datetime(2026, 3, 27, 23, tzinfo=UTC), [24, 23, 24]),
        ("Europe/Berlin", datetime(2026, 10, 23, 22, tzinfo=UTC), [24, 25, 24]),
        ("Asia/Kathmandu", datetime(2026, 3, 1, 18, 15, tzinfo=UTC), [24, 24, 24]),
        ("America/Santiago", datetime(2026, 9, 5, 4, tzinfo=UTC), [24, 23, 24]),  # midnight itself is skipped
    ],
)
def test_a_day_is_as_long_as_it_is_there(zone: str, first: datetime, hours: list[int]) -> None:
    edges = list(bounds(first, first + timedelta(hours=sum(hours)), Interval.DAY, ZoneInfo(zone)))
    assert [(after - before) / timedelta(hours=1) for before, after in pairwise(edges)] == hours


def test_the_first_and_the_last_bucket_end_where_the_time_asked_for_does() -> None:
    since, until = datetime(2026, 1, 1, 10, 20, 30, tzinfo=UTC), datetime(2026, 1, 1, 12, 5, tzinfo=UTC)
    at = [(edge.hour, edge.minute) for edge in bounds(since, until, Interval.HOUR, ZoneInfo("UTC"))]
    assert at == [(10, 20), (11, 0), (12, 0), (12, 5)]
    assert list(bounds(since, until, Interval.DAY, ZoneInfo("UTC"))) == [since, until]


def test_hours_begin_where_the_wall_clock_says() -> None:
    since = datetime(2026, 1, 1, 10, 40, tzinfo=UTC)
    edges = list(bounds(since, since + timedelta(hours=1), Interval.HOUR, ZoneInfo("Asia/Kolkata")))
    assert [edge.minute for edge in edges] == [40, 30, 40]
