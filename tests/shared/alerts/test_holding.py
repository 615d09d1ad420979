"""What is held, why, and until when: it follows from the alert, never from when it arrived."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from shared.alerts.holding import (
    Fired,
    Hold,
    HoldReason,
    Window,
    hold,
    hold_again,
    reaches,
    suppression,
    window_of,
)
from shared.alerts.matching import Matcher, Operator
from shared.alerts.policies import Threshold
from shared.alerts.recurrence import Span

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHOP = (Matcher(label="service", operator=Operator.EQUAL, value="shop"),)
NO_THRESHOLD = Threshold()


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def window(*times: tuple[float, float]) -> Window:
    spans = tuple(Span(start=at(start), end=at(end)) for start, end in times)
    return Window(id=uuid4(), version=1, matchers=SHOP, times=spans)


def fired(start: float, end: float | None = None, service: str = "shop") -> Fired:
    ends_at = at(end) if end is not None else None
    return Fired(labels={"service": service}, starts_at=at(start), resolved=end is not None, ends_at=ends_at)


def suppressed(by: Window | UUID, until: float | None) -> Hold:
    window_id = by.id if isinstance(by, Window) else by
    return Hold(reason=HoldReason.SUPPRESSED, window_id=window_id, until=at(until) if until is not None else None)


HOUR = window((0, 60))


@pytest.mark.parametrize(
    ("alert", "now", "until"),
    [
        (fired(10), 11, 60),
        (fired(0), 1, 60),  # the start belongs to the window
        (fired(10, 20), 30, 60),
        (fired(10, 20), 90, None),  # over: it never opens, however late we hear of it
        (fired(10, 60), 90, None),
        (fired(10, 20), 60, None),
    ],
)
def test_an_alert_that_began_in_a_window_is_held(alert: Fired, now: float, until: float | None) -> None:
    assert suppression(alert, [HOUR], at(now)) == suppressed(HOUR, until)


@pytest.mark.parametrize(
    ("alert", "now"),
    [
        (fired(-1), 10),  # it began before, and arrived late
        (fired(60), 61),  # the end does not belong to it
        (fired(10), 60),  # still firing at the end
        (fired(10, 70), 90),  # it was still firing at the end
        (fired(10, service="cart"), 11),
    ],
)
def test_any_other_alert_is_not(alert: Fired, now: float) -> None:
    assert suppression(alert, [HOUR], at(now)) is None


def test_windows_that_follow_one_another_without_a_gap_hold_as_one() -> None:
    following, apart = window((60, 90)), window((91, 120))
    assert suppression(fired(10), [apart, following, HOUR], at(70)) == suppressed(HOUR, 90)
    assert suppression(fired(10), [apart, following, HOUR], at(90)) is None


def test_each_occurrence_holds_what_began_in_it() -> None:
    daily = window((0, 60), (1_440, 1_500))
    assert suppression(fired(10), [daily], at(1_450)) is None
    assert suppression(fired(1_450), [daily], at(1_451)) == suppressed(daily, 1_500)


def test_a_threshold_holds_what_no_window_does() -> None:
    threshold = Threshold(count=3, window=timedelta(minutes=5))
    assert hold(fired(0), [], NO_THRESHOLD, at(0)) is None
    assert hold(fired(0), [], threshold, at(0)) == Hold(reason=HoldReason.THRESHOLD, window_id=None, until=at(5))
    assert hold(fired(0), [], Threshold(count=2), at(0)) is not None
    assert hold(fired(10), [HOUR], threshold, at(11)) == suppressed(HOUR, 60)


@pytest.mark.parametrize(
    ("starts", "reached"), [([0, 5, 10], True), ([0, 5, 11], False), ([0, 5, 11, 12, 15], True), ([0, 5], False)]
)
def test_a_threshold_is_reached_by_alerts_that_began_close_together(starts: list[float], reached: bool) -> None:
    assert reaches([at(start) for start in reversed(starts)], 3, timedelta(minutes=10)) is reached


def test_what_resolved_by_the_end_of_its_hold_stays_without_an_incident() -> None:
    assert hold_again(fired(10, 20), suppressed(HOUR, 60), [HOUR], NO_THRESHOLD, at(61)) == suppressed(HOUR, None)
    # the window was cancelled at 30, and so is not known any more
    assert hold_again(fired(10, 20), suppressed(HOUR, 30), [], NO_THRESHOLD, at(31)) == suppressed(HOUR, None)
    assert hold_again(fired(10, 30), suppressed(HOUR, 30), [], NO_THRESHOLD, at(31)) == suppressed(HOUR, None)


def test_what_resolved_without_saying_when_or_is_over_already_stays_so_too() -> None:
    unsaid = Fired(labels={"service": "shop"}, starts_at=at(10), resolved=True, ends_at=None)
    assert hold_again(unsaid, suppressed(HOUR, 30), [], NO_THRESHOLD, at(31)) == suppressed(HOUR, None)
    assert hold_again(fired(10, 50), suppressed(HOUR, None), [], NO_THRESHOLD, at(61)) == suppressed(HOUR, None)


def test_what_still_fired_then_is_free() -> None:
    assert hold_again(fired(10), suppressed(HOUR, 60), [HOUR], NO_THRESHOLD, at(61)) is None
    assert hold_again(fired(10, 60.5), suppressed(HOUR, 60), [HOUR], NO_THRESHOLD, at(61)) is None


def test_a_window_that_became_longer_goes_on_holding() -> None:
    longer = window((0, 90))
    assert hold_again(fired(10), suppressed(longer, 60), [longer], NO_THRESHOLD, at(61)) == suppressed(longer, 90)


def test_a_threshold_that_is_gone_frees_and_one_whose_time_is_over_waits_without_a_time() -> None:
    threshold = Threshold(count=3, window=timedelta(minutes=5))
    waiting = Hold(reason=HoldReason.THRESHOLD, until=at(5))
    assert hold_again(fired(0), waiting, [], NO_THRESHOLD, at(1)) is None
    assert hold_again(fired(0), waiting, [], threshold, at(1)) == waiting
    assert hold_again(fired(0), waiting, [], Threshold(count=2), at(1)) == waiting
    for now in (5, 6):
        assert hold_again(fired(0), waiting, [], threshold, at(now)) == Hold(reason=HoldReason.THRESHOLD)


def test_a_hold_names_no_window_unless_one_holds() -> None:
    waiting = Hold(reason=HoldReason.THRESHOLD)
    assert (waiting.window_id, waiting.until) == (None, None)
    assert [reason.value for reason in HoldReason] == ["suppressed", "threshold"]


def test_a_window_is_read_as_it_is_stored() -> None:
    stored = {
        "id": str(UUID(int=7)),
        "version": 3,
        "matchers": [{"label": "service", "operator": "=", "value": "shop"}],
        "times": [["2026-11-20T12:00:00+00:00", "2026-11-20T13:00:00+00:00"]],
    }
    times = (Span(start=at(0), end=at(60)),)
    assert window_of(stored) == Window(id=UUID(int=7), version=3, matchers=SHOP, times=times)
    assert window_of({**stored, "times": None}).times == ()
