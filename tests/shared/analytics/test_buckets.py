"""Days and hours of a wall clock, also where it is put forward and back, and the blocks that they split."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from shared.analytics.buckets import Block, Interval, bounds, pieces


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


@pytest.mark.parametrize(
    ("zone", "split"),
    [("UTC", [10, 12]), ("Europe/Berlin", [10, 12]), ("Asia/Kolkata", [10, 11, 12]), ("Asia/Kathmandu", [10, 11, 12])],
)
def test_an_hour_is_split_by_an_edge_inside_of_it(zone: str, split: list[int]) -> None:
    since, until = datetime(2026, 1, 1, 10, 20, tzinfo=UTC), datetime(2026, 1, 1, 12, 5, tzinfo=UTC)
    found = pieces(list(bounds(since, until, Interval.HOUR, ZoneInfo(zone))), Block.HOUR)
    assert [begins.hour for begins in found.split] == split
    assert (found.since[0], found.until[0], found.until[-1]) == (since, since.replace(hour=11, minute=0), until)


def test_blocks_that_begin_and_end_with_the_time_asked_for_are_whole() -> None:
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    whole = pieces([monday, monday + timedelta(weeks=3)], Block.WEEK)
    assert (whole.split, whole.since, whole.until) == ([], [], [])


def test_a_time_inside_of_one_block_is_its_only_piece() -> None:
    since, until = datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC)
    found = pieces([since, until], Block.WEEK)
    assert (found.split, found.since, found.until) == ([datetime(2026, 3, 2, tzinfo=UTC)], [since], [until])
