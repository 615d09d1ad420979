"""What becomes of a delivery after a try."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from shared.notifications.values import DeliveryStatus

GIVE_UP_AFTER: Final = timedelta(hours=6)
_FIRST_WAIT: Final = timedelta(seconds=30)
_MAX_WAIT: Final = timedelta(hours=1)

# What passes by itself. Any other refusal would be the same at every try.
_PASSING: Final = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.LOCKED, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one try. `error` is in our words, empty when it went well; `wait` is what the receiver asked for."""

    error: str
    heals: bool = True
    response_code: int | None = None
    wait: timedelta = timedelta(0)

    @property
    def is_gone(self) -> bool:
        """Whether the receiver said that it wants no more, ever."""
        return self.response_code == HTTPStatus.GONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do next. `due_at` is null when nothing is."""

    status: DeliveryStatus
    due_at: datetime | None


def outcome_of(status: int, wait: timedelta) -> Outcome:
    """Return what an HTTP status means."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome(error="", response_code=status)
    heals = status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return Outcome(error=f"answered with status {status}", heals=heals, response_code=status, wait=wait)


def judge(outcome: Outcome, *, attempts: int, since: datetime, now: datetime, chance: float) -> Verdict:
    """Decide after try number `attempts` of a delivery that was planned at `since`; `chance` is in 0-1."""
    if not outcome.error:
        return Verdict(status=DeliveryStatus.SENT, due_at=None)
    due_at = now + max(backoff(attempts, chance), min(outcome.wait, _MAX_WAIT))
    if not outcome.heals or due_at > since + GIVE_UP_AFTER:
        return Verdict(status=DeliveryStatus.GAVE_UP, due_at=None)
    return Verdict(status=DeliveryStatus.FAILED, due_at=due_at)


def backoff(attempts: int, chance: float) -> timedelta:
    """Return how long to wait after try number `attempts`: doubling, at most an hour, and the upper half by chance.

    Without chance, all that failed in one outage would come back in one moment.
    """
    longest = min(_FIRST_WAIT * (1 << min(attempts - 1, 10)), _MAX_WAIT)
    return longest / 2 * (1 + chance)


def wait_of(retry_after: str, now: datetime) -> timedelta:
    """Return the time that a `Retry-After` asks for, in seconds or until a date; none for what cannot be read."""
    if retry_after.isascii() and retry_after.isdigit():
        return timedelta(seconds=min(int(retry_after[:9]), _MAX_WAIT.total_seconds()))
    try:
        return max(parsedate_to_datetime(retry_after) - now, timedelta(0))
    except (TypeError, ValueError, OverflowError):  # no date, one without a zone, or one beyond all years
        return timedelta(0)
