"""The law of a rate limit, on a clock that the tests move."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.buckets import MAX_KEYS, Buckets, Limit, Verdict

TEN_A_MINUTE = Limit(count=10, seconds=60)


class Seconds:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def buckets(seconds: Seconds) -> Buckets:
    return Buckets(seconds)


def test_a_burst_may_take_all_at_once_and_is_told_how_many_are_left(buckets: Buckets) -> None:
    found = [buckets.take("a", TEN_A_MINUTE) for _ in range(10)]
    assert [one.allowed for one in found] == [True] * 10
    assert [one.remaining for one in found] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert [one.retry_after for one in found] == [0.0] * 9 + [6.0]


def test_whoever_is_refused_is_told_when_to_come_again_and_takes_nothing(buckets: Buckets, seconds: Seconds) -> None:
    for _ in range(10):
        buckets.take("a", TEN_A_MINUTE)
    refused = Verdict(allowed=False, remaining=0, retry_after=6.0)
    assert [buckets.take("a", TEN_A_MINUTE) for _ in range(3)] == [refused] * 3
    seconds.now += 4.5
    assert buckets.take("a", TEN_A_MINUTE) == Verdict(allowed=False, remaining=0, retry_after=1.5)
    seconds.now += 1.5
    assert buckets.take("a", TEN_A_MINUTE) == Verdict(allowed=True, remaining=0, retry_after=6.0)


def test_a_bucket_fills_evenly_and_never_above_its_limit(buckets: Buckets, seconds: Seconds) -> None:
    for _ in range(10):
        buckets.take("a", TEN_A_MINUTE)
    seconds.now += 18
    assert buckets.take("a", TEN_A_MINUTE).remaining == 2
    seconds.now += 3_600
    assert buckets.take("a", TEN_A_MINUTE).remaining == 9


def test_to_look_tells_what_taking_would_and_takes_nothing(buckets: Buckets, seconds: Seconds) -> None:
    one = Limit(count=1, seconds=60)
    assert [buckets.peek("a", one).allowed for _ in range(3)] == [True] * 3
    buckets.take("a", one)
    seconds.now += 45
    refused = Verdict(allowed=False, remaining=0, retry_after=15.0)
    assert (buckets.peek("a", one), buckets.take("a", one)) == (refused, refused)


def test_keys_have_buckets_of_their_own(buckets: Buckets) -> None:
    one = Limit(count=1, seconds=60)
    assert [buckets.take(key, one).allowed for key in ("a", "b", "a")] == [True, True, False]


def test_so_many_keys_are_remembered_and_no_more(buckets: Buckets) -> None:
    one = Limit(count=1, seconds=60)
    for number in range(MAX_KEYS):
        buckets.take(str(number), one)
    assert buckets.take("one more", one).allowed
    assert buckets.take("0", one).allowed, "all were forgotten"
    assert not buckets.take("one more", one).allowed
    assert MAX_KEYS == 10_000


def test_by_itself_a_process_has_a_clock_that_runs() -> None:
    buckets, quick = Buckets(), Limit(count=1, seconds=1e-9)
    assert all(buckets.take("a", quick).allowed for _ in range(3))


@given(
    limit=st.builds(Limit, count=st.integers(1, 50), seconds=st.integers(1, 600)),
    pauses=st.lists(st.integers(0, 100), max_size=60),
)
def test_never_more_pass_than_the_burst_and_what_filled_up_since(limit: Limit, pauses: list[int]) -> None:
    seconds = Seconds()
    buckets, began, passed = Buckets(seconds), seconds.now, 0
    for pause in pauses:
        seconds.now += pause
        passed += buckets.take("a", limit).allowed
        assert passed <= limit.count + Fraction(limit.count) * int(seconds.now - began) / int(limit.seconds)
