from datetime import UTC, datetime
from itertools import accumulate, repeat
from zoneinfo import ZoneInfo

import pytest

from scripts.devstack.functions_host.schedule import Schedule

START = datetime(2026, 1, 1, tzinfo=UTC)


def _next(schedule: Schedule, start: datetime, count: int) -> list[str]:
    occurrences = accumulate(repeat(None, count), lambda moment, _: schedule.next_after(moment), initial=start)
    return [moment.isoformat() for moment in list(occurrences)[1:]]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("*/10 * * * * *", ["2026-01-01T00:00:10+00:00", "2026-01-01T00:00:20+00:00"]),
        ("0 */5 * * * *", ["2026-01-01T00:05:00+00:00", "2026-01-01T00:10:00+00:00"]),
        ("0 5/15 * * * *", ["2026-01-01T00:05:00+00:00", "2026-01-01T00:20:00+00:00"]),
        ("0 30 9 * * 1-5", ["2026-01-01T09:30:00+00:00", "2026-01-02T09:30:00+00:00", "2026-01-05T09:30:00+00:00"]),
        ("0 0 9 * * Mon-Fri", ["2026-01-01T09:00:00+00:00"]),
        ("0 0 0 1 March *", ["2026-03-01T00:00:00+00:00", "2027-03-01T00:00:00+00:00"]),
        ("0 0 0 * * 0", ["2026-01-04T00:00:00+00:00"]),
        ("0 0 20-18 * * *", ["2026-01-01T18:00:00+00:00", "2026-01-01T19:00:00+00:00", "2026-01-01T20:00:00+00:00"]),
        ("0,30 0 0 * * *", ["2026-01-01T00:00:30+00:00", "2026-01-02T00:00:00+00:00"]),
        ("0 0 0 29 2 *", ["2028-02-29T00:00:00+00:00"]),
    ],
)
def test_a_schedule_comes_when_ncrontab_says(expression: str, expected: list[str]) -> None:
    assert _next(Schedule(expression, UTC), START, len(expected)) == expected


def test_day_of_month_and_day_of_week_must_both_match() -> None:
    friday_the_13th = Schedule("0 0 0 13 * 5", UTC)
    assert _next(friday_the_13th, START, 2) == ["2026-02-13T00:00:00+00:00", "2026-03-13T00:00:00+00:00"]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-03-28T12:00:00", ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]),
        ("2026-06-01T12:00:00", ["2026-06-02T02:30:00+02:00", "2026-06-03T02:30:00+02:00"]),
    ],
)
def test_a_schedule_follows_its_time_zone_over_the_change_to_summer_time(start: str, expected: list[str]) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert _next(Schedule("0 30 2 * * *", berlin), datetime.fromisoformat(start).replace(tzinfo=berlin), 2) == expected


def test_a_repeated_hour_repeats_an_hourly_schedule() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert _next(Schedule("0 0 * * * *", berlin), datetime(2026, 10, 25, 1, tzinfo=berlin), 3) == [
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T03:00:00+01:00",
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "* * * * *",
        "* * * * * * *",
        "60 * * * * *",
        "0 0 24 * * *",
        "0 0 0 * * 7",
        "0 0 0 ? * *",
        "0 0 0 L * *",
        "0 0 0 15W * *",
        "0 0 0 * * 5#2",
        "0 0 0 31 2 *",
        "0 0 0 * Smarch *",
        "@daily",
        "00:05:00",
        "",
    ],
)
def test_what_ncrontab_does_not_accept_is_an_error(expression: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Schedule(expression, UTC)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("*/30 * * * * *", True), ("0,59 * * * * *", True), ("0 * * * * *", False), ("0 0 0 1 1 *", False)],
)
def test_schedules_below_a_minute_are_told_apart(expression: str, *, expected: bool) -> None:
    assert Schedule(expression, UTC).is_more_than_once_a_minute(START) is expected
