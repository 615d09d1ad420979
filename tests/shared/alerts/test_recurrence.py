"""Recurrence rules: what they unfold to, by which clock, and which are refused before they cost anything."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from shared.alerts.recurrence import HORIZON, BadRule, Span, unfold

SATURDAY = datetime(2026, 3, 21, 22, tzinfo=UTC)
NIGHT = Span(start=SATURDAY, end=SATURDAY + timedelta(hours=4))

REFUSED = [
    "FREQ=SECONDLY",
    "FREQ=MINUTELY;INTERVAL=30",
    "FREQ=HOURLY",
    "FREQ=DAILY;INTERVAL=0",
    "FREQ=DAILY;INTERVAL=-1",
    "FREQ=DAILY;INTERVAL=99999999999",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=YEARLY;INTERVAL=2",
    "FREQ=DAILY;BYHOUR=1,2,3",
    "FREQ=DAILY;BYSECOND=0",
    "FREQ=WEEKLY;BYDAY=1MO",
    "FREQ=WEEKLY;BYDAY=XX",
    "FREQ=WEEKLY;BYDAY=",
    "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=1",
    "FREQ=MONTHLY;BYSETPOS=2",
    "FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=2",
    "FREQ=MONTHLY;BYMONTHDAY=32",
    "FREQ=DAILY;COUNT=0",
    "FREQ=DAILY;COUNT=3;UNTIL=20270101",
    "FREQ=DAILY;UNTIL=20261340",
    "FREQ=DAILY;UNTIL=20200101",
    "FREQ=DAILY;FREQ=DAILY",
    "FREQ=DAILY;EASTER=1",
    "RRULE:FREQ=DAILY",
    "FREQ=DAILY\nEXDATE:20260101",
    "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31;COUNT=1;BYDAY=MO",
    "DAILY",
    ";",
]


def starts(rule: str, zone: str = "UTC") -> list[str]:
    return [span.start.isoformat()[:16] for span in unfold(NIGHT, rule, zone)]


@pytest.mark.parametrize("rule", REFUSED)
def test_a_rule_that_cannot_be_used_is_refused_at_once(rule: str) -> None:
    began = time.process_time()
    with pytest.raises(BadRule):
        unfold(NIGHT, rule, "UTC")
    assert time.process_time() - began < 0.5


def test_without_a_rule_a_window_comes_once() -> None:
    assert unfold(NIGHT, "", "UTC") == [NIGHT]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY;COUNT=3", ["2026-03-21T22:00", "2026-03-22T22:00", "2026-03-23T22:00"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA;COUNT=2", ["2026-03-21T22:00", "2026-04-04T22:00"]),
        ("FREQ=MONTHLY;BYDAY=-1SU;UNTIL=20260501", ["2026-03-29T22:00", "2026-04-26T22:00"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", ["2026-03-31T22:00", "2026-04-30T22:00"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", ["2028-02-29T22:00"]),
        ("FREQ=DAILY;UNTIL=20260322T220000Z", ["2026-03-21T22:00", "2026-03-22T22:00"]),
    ],
)
def test_rules_mean_what_the_standard_says(rule: str, expected: list[str]) -> None:
    assert starts(rule) == expected


def test_the_wall_clock_counts_when_summer_time_begins() -> None:
    assert starts("FREQ=WEEKLY;COUNT=2", "Europe/Berlin") == ["2026-03-21T22:00", "2026-03-28T22:00"]
    assert starts("FREQ=WEEKLY;COUNT=3", "Europe/Berlin")[2] == "2026-04-04T21:00"


def test_a_rule_without_an_end_goes_on_for_five_years() -> None:
    found = unfold(NIGHT, "FREQ=DAILY", "UTC")
    assert found[-1].start <= NIGHT.start + HORIZON < found[-1].start + timedelta(days=1)
    assert all(span.end - span.start == timedelta(hours=4) for span in found)
