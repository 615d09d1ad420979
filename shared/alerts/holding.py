"""Alerts that fire and open no incident yet: whether they are held, why, and until when.

All of it follows from what an alert says of itself, so deliveries may come in any order: what counts is when the alert
began (`startsAt`), not when we heard of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.alerts.matching import Matcher, Operator, all_match
from shared.alerts.policies import Threshold
from shared.alerts.recurrence import Span


class HoldReason(StrEnum):
    """Why an alert opens no incident: a maintenance window, or too few of its kind so far."""

    SUPPRESSED = "suppressed"
    THRESHOLD = "threshold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A maintenance window as alerts are compared with it: its occurrences do not overlap and are in order."""

    id: UUID
    version: int
    matchers: tuple[Matcher, ...]
    times: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """An alert that has fired. `ends_at` is when it resolved, where somebody said; `resolved` whether it did."""

    labels: Mapping[str, str]
    starts_at: datetime
    resolved: bool
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """An alert is held. The machine looks at it again at `until`; None: it is over, and stays without an incident."""

    reason: HoldReason
    window_id: UUID | None = None
    until: datetime | None = None


def hold(alert: Fired, windows: Sequence[Window], threshold: Threshold, now: datetime) -> Hold | None:
    """Return how an alert that fires is held; None where it opens an incident or joins one at once."""
    if (found := suppression(alert, windows, now)) is not None:
        return found
    return Hold(reason=HoldReason.THRESHOLD, until=now + threshold.window) if threshold.count > 1 else None


def hold_again(alert: Fired, held: Hold, windows: Sequence[Window], threshold: Threshold, now: datetime) -> Hold | None:
    """Return how an alert that is held, and was to be looked at again, is held from now on; None where nothing does."""
    if held.reason is HoldReason.SUPPRESSED:
        has_resolved = alert.resolved and (alert.ends_at is None or held.until is None or alert.ends_at <= held.until)
        if has_resolved:
            return replace(held, until=None)
        return hold(alert, windows, threshold, now)
    if threshold.count <= 1:
        return None
    return held if held.until is not None and now < held.until else replace(held, until=None)


def suppression(alert: Fired, windows: Sequence[Window], now: datetime) -> Hold | None:
    """Return how maintenance windows hold an alert; None where they do not, or no longer.

    An alert that began in a window is held until that window ends, or the last of those that follow one another without
    a gap. One that resolved by then is never more than held.
    """
    matching = [window for window in windows if all_match(window.matchers, alert.labels)]
    if (first := _holding(matching, alert.starts_at)) is None:
        return None
    window_id, end = first
    while (following := _holding(matching, end)) is not None:
        end = following[1]
    if alert.resolved and (alert.ends_at is None or alert.ends_at <= end):
        return Hold(reason=HoldReason.SUPPRESSED, window_id=window_id, until=end if now < end else None)
    return Hold(reason=HoldReason.SUPPRESSED, window_id=window_id, until=end) if now < end else None


def _holding(windows: Iterable[Window], at: datetime) -> tuple[UUID, datetime] | None:
    """Return the window that holds at a moment the longest, and the end of its occurrence."""
    found = [(span.end, window.id) for window in windows for span in window.times if span.start <= at < span.end]
    if not found:
        return None
    end, window_id = max(found)
    return window_id, end


def reaches(starts: Iterable[datetime], count: int, within: timedelta) -> bool:
    """Whether `count` of these alerts began within a span of time."""
    ordered = sorted(starts)
    return any(last - first <= within for first, last in zip(ordered, ordered[count - 1 :], strict=False))


def window_of(stored: Mapping[str, Any]) -> Window:
    """Return a window from its stored matchers and the pairs of times that `SENDERS` reads."""
    return Window(
        id=UUID(stored["id"]),
        version=stored["version"],
        matchers=matchers_of(stored["matchers"]),
        times=tuple(
            Span(start=datetime.fromisoformat(start), end=datetime.fromisoformat(end))
            for start, end in stored["times"] or ()
        ),
    )


def matchers_of(stored: Iterable[Mapping[str, str]]) -> tuple[Matcher, ...]:
    """Return stored matchers."""
    return tuple(Matcher(label=one["label"], operator=Operator(one["operator"]), value=one["value"]) for one in stored)
