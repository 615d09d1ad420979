"""What becomes of a delivery after a try."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.notifications.retries import GIVE_UP_AFTER, Outcome, backoff, judge, outcome_of, wait_of
from shared.notifications.values import DeliveryStatus

NOW = datetime(2026, 1, 2, 9, tzinfo=UTC)
NONE = timedelta(0)


@pytest.mark.parametrize(
    ("status", "found"),
    [
        *((status, DeliveryStatus.SENT) for status in (200, 202, 204, 299)),
        *((status, DeliveryStatus.FAILED) for status in (408, 423, 425, 429, 500, 502, 503, 504, 599)),
        *((status, DeliveryStatus.GAVE_UP) for status in (301, 302, 400, 401, 403, 404, 410, 413, 422)),
    ],
)
def test_only_what_may_heal_is_tried_again(status: int, found: DeliveryStatus) -> None:
    verdict = judge(outcome_of(status, NONE), attempts=1, since=NOW, now=NOW, chance=0.5)
    assert verdict.status is found
    assert (verdict.due_at is None) is (found is not DeliveryStatus.FAILED)


def test_the_wait_doubles_up_to_an_hour_and_half_of_it_is_chance() -> None:
    assert [backoff(n, 1).total_seconds() for n in range(1, 10)] == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert backoff(3, 0) == timedelta(seconds=60)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_no_wait_is_none_or_longer_than_an_hour(attempts: int, chance: float) -> None:
    assert timedelta(seconds=15) <= backoff(attempts, chance) <= timedelta(hours=1)


def test_it_waits_as_long_as_the_receiver_asked_for() -> None:
    verdict = judge(outcome_of(429, timedelta(minutes=20)), attempts=1, since=NOW, now=NOW, chance=0)
    assert verdict.due_at == NOW + timedelta(minutes=20)


def test_what_would_be_tried_too_late_is_given_up() -> None:
    late = NOW + GIVE_UP_AFTER
    assert judge(Outcome(error="x"), attempts=9, since=NOW, now=late, chance=0).status is DeliveryStatus.GAVE_UP
    assert judge(Outcome(error=""), attempts=9, since=NOW, now=late, chance=0).status is DeliveryStatus.SENT


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("99999999999999999999", 3_600),
        ("Fri, 02 Jan 2026 09:02:00 GMT", 120),
        ("Fri, 02 Jan 2026 08:00:00 GMT", 0),
        ("", 0),
        ("-5", 0),
        ("1.5", 0),
        ("²", 0),
        ("soon", 0),
        ("Fri, 02 Jan 2026 09:02:00 -0000", 0),
        ("Fri, 99 Jan 2026 09:02:00 GMT", 0),
        ("2015 Jan 07:28:00 99999999999 07:28:00 -", 0),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_nothing_else(given: str, seconds: int) -> None:
    assert wait_of(given, NOW) == timedelta(seconds=seconds)
