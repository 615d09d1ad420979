"""The audit's words, and the laws of its days."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

# Some time after calls may last have joined a day, for those that are on their way to the tables.
SEALED_AFTER: Final = timedelta(hours=6)
_LOWEST_REFUSAL: Final = 400
_LOWEST_FAILURE: Final = 500


class EntryKind(StrEnum):
    """What an entry of the audit tells of: somebody called, or something changed."""

    CALL = "call"
    CHANGE = "change"


class Outcome(StrEnum):
    """How a call ended: `refused` is the caller's fault (4xx), `failed` ours (5xx). A change has always come about."""

    OK = "ok"
    REFUSED = "refused"
    FAILED = "failed"


def outcome_of(status: int) -> Outcome:
    """Return what an HTTP status means."""
    if status >= _LOWEST_FAILURE:
        return Outcome.FAILED
    return Outcome.REFUSED if status >= _LOWEST_REFUSAL else Outcome.OK


def statuses_of(outcome: Outcome) -> tuple[int, int]:
    """Return the lowest status of an outcome, and the one above its highest."""
    return {
        Outcome.OK: (0, _LOWEST_REFUSAL),
        Outcome.REFUSED: (_LOWEST_REFUSAL, _LOWEST_FAILURE),
        Outcome.FAILED: (_LOWEST_FAILURE, 1_000),
    }[outcome]


def begins(day: date) -> datetime:
    """Return when a day begins, in UTC."""
    return datetime.combine(day, time(), UTC)


def day_of(at: datetime) -> date:
    """Return the day of a moment, in UTC."""
    return at.astimezone(UTC).date()


def last_to_seal(now: datetime) -> date:
    """Return the latest day that nothing can join any more."""
    return day_of(now - SEALED_AFTER) - timedelta(days=1)
