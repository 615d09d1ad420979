"""Flapping: an alert that fires and clears so often that its clearing means nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

# More changes than this in that time flag an alert; that time without any releases it.
MAX_CHANGES: Final = 4
SPAN: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restless:
    """An alert's changes over all its episodes: how many within `SPAN`, when the last one was, its flag so far."""

    integration_id: UUID
    fingerprint: str
    changes: int
    last_at: datetime
    flagged: bool


def flapping(alerts: Iterable[Restless]) -> list[Restless]:
    """Return those that flap: they change too often, or did, and have not been calm since."""
    return [one for one in alerts if one.changes > MAX_CHANGES or (one.flagged and one.changes)]


def calm_at(alerts: Iterable[Restless]) -> datetime:
    """Return when the last of them is calm, if nothing changes until then."""
    return max(one.last_at for one in alerts) + SPAN
