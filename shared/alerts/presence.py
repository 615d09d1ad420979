"""What a sender's own list of alerts says about an alert that we take for firing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

# AlertManager forgets everything when it restarts, and hears again of what fires within minutes.
MISSING_LONG_ENOUGH: Final = timedelta(minutes=5)
# Its list gives times in milliseconds, its notifications in nanoseconds.
_ROUNDED: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An alert as its sender lists it now."""

    starts_at: datetime
    silenced: bool


class Presence(Enum):
    """What to do with an alert: it fires on, it was silenced, it is missing since now, or it is gone."""

    FIRES = auto()
    SILENCED = auto()
    MISSING = auto()
    GONE = auto()


def presence_of(
    fingerprint: str,
    starts_at: datetime,
    missing_since: datetime | None,
    listed: Mapping[str, Listed],
    now: datetime,
) -> Presence:
    """Judge an alert by the sender's list, by fingerprint; one that has fired anew since is another one."""
    found = listed.get(fingerprint)
    if found is not None and found.starts_at <= starts_at + _ROUNDED:
        return Presence.SILENCED if found.silenced else Presence.FIRES
    if missing_since is not None and now - missing_since >= MISSING_LONG_ENOUGH:
        return Presence.GONE
    return Presence.MISSING
