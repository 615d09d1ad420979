"""Alerts that fire and open no incident yet: whether they are held, why, and until when.

All of it follows from what an alert says of itself, so deliveries may come in any order: what counts is when the alert
began (`startsAt`), not when we heard of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.alerts.matching import Matcher, all_match
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
